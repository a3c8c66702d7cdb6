// Checks the types of a canister's own files. The libraries it stands on are read for their types but not judged.
import { dirname, relative } from 'node:path';
import ts from 'typescript';
import type { BuildProblem } from './problem.ts';

export interface TypeCheck {
  readonly problems: readonly BuildProblem[];
  /** Absolute paths of the files judged, also those that leave nothing in the bundle. */
  readonly inputs: readonly string[];
}

export function checkTypes(entry: string, configPath: string, root: string): TypeCheck {
  const { config, error } = ts.readConfigFile(configPath, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config ?? {}, ts.sys, dirname(configPath));
  const program = ts.createProgram([entry], { ...parsed.options, noEmit: true });
  const own = program
    .getSourceFiles()
    .filter((file) => !program.isSourceFileFromExternalLibrary(file) && !program.isSourceFileDefaultLibrary(file));
  const found = own.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]);
  const all = [...(error === undefined ? [] : [error]), ...program.getOptionsDiagnostics(), ...found];
  return {
    problems: all.map((diagnostic) => diagnosticToProblem(diagnostic, root)),
    inputs: [configPath, ...own.map((file) => file.fileName)],
  };
}

function diagnosticToProblem({ file, start, messageText, code }: ts.Diagnostic, root: string): BuildProblem {
  const place = file?.getLineAndCharacterOfPosition(start ?? 0);
  return {
    file: file === undefined ? null : relative(root, file.fileName),
    line: (place?.line ?? -1) + 1,
    column: (place?.character ?? -1) + 1,
    text: `${ts.flattenDiagnosticMessageText(messageText, ' ')} (TS${code})`,
    next: 'Correct the type and build again.',
  };
}
