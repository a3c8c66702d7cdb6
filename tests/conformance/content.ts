// Fixtures of the referee: what a tool's answer, a resource or a prompt can hold. Names and texts are the referee's.
import { completable, type McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** One transparent pixel, and a WAV file without a sample: the smallest that are what they claim. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII=';
const silence = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

const text = (words: string) => ({ type: 'text' as const, text: words });
const image = { type: 'image' as const, data: pixel, mimeType: 'image/png' };
const audio = { type: 'audio' as const, data: silence, mimeType: 'audio/wav' };
const embedded = (uri: string, mimeType: string, words: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: words },
});

const answers = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [audio],
  test_embedded_resource: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    image,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
};

export function registerContent(server: McpServer): void {
  for (const [name, content] of Object.entries(answers))
    server.registerTool(name, { description: name }, async () => ({ content: [...content] }));
  server.registerTool('test_error_handling', { description: 'Always fails' }, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  registerFixtureResources(server);
  registerFixturePrompts(server);
}

function registerFixtureResources(server: McpServer): void {
  const textOf = (uri: string, mimeType: string, words: string) => ({ contents: [{ uri, mimeType, text: words }] });
  server.registerResource('static-text', 'test://static-text', { mimeType: 'text/plain' }, async ({ href }) =>
    textOf(href, 'text/plain', 'This is the content of the static text resource.'),
  );
  server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, async ({ href }) => ({
    contents: [{ uri: href, mimeType: 'image/png', blob: pixel }],
  }));
  server.registerResource('watched', 'test://watched-resource', { mimeType: 'text/plain' }, async ({ href }) =>
    textOf(href, 'text/plain', 'This is watched.'),
  );
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { mimeType: 'application/json' }, async ({ href }, { id }) =>
    textOf(href, 'application/json', JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })),
  );
}

function registerFixturePrompts(server: McpServer): void {
  const user = <Content>(content: Content) => ({ role: 'user' as const, content });
  server.registerPrompt('test_simple_prompt', { description: 'Says one thing' }, () => ({
    messages: [user(text('This is a simple prompt for testing.'))],
  }));
  const arg1 = completable(z.string(), (started) => ['test', 'testing'].filter((word) => word.startsWith(started)));
  const two = z.object({ arg1, arg2: z.string() });
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'Says two things', argsSchema: two },
    ({ arg1, arg2 }) => ({
      messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
    }),
  );
  const one = z.object({ resourceUri: z.string() });
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Shows a resource', argsSchema: one },
    ({ resourceUri }) => ({
      messages: [
        user(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ],
    }),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Shows an image' }, () => ({
    messages: [user(image), user(text('Please analyze the image above.'))],
  }));
}
