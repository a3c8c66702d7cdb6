// Schemas as they are listed: without the line that names their dialect, which is the protocol's default. It would cost every
// conversation 57 bytes a tool.
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';

/** Listed, and not checked by the library: our own check answers with a next step, and counts and writes down the call. */
export function listedOnly(schema: StandardSchemaWithJSON): StandardSchemaWithJSON {
  const plain = withoutDialect(schema);
  return { '~standard': { ...plain['~standard'], validate: (value) => ({ value }) } };
}

export function withoutDialect<Schema extends StandardSchemaWithJSON>(schema: Schema): StandardSchemaWithJSON {
  const standard = schema['~standard'];
  const plain = ({ $schema: _dialect, ...rest }: Record<string, unknown>) => rest;
  return {
    '~standard': {
      ...standard,
      jsonSchema: {
        input: (options) => plain(standard.jsonSchema.input(options)),
        output: (options) => plain(standard.jsonSchema.output(options)),
      },
    },
  };
}
