// Checks the types of a canister's own files. The libraries it stands on are read for their types but not judged.
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { ofAzle } from './prelude.ts';
import type { BuildProblem } from './problem.ts';

export interface TypeCheck {
  readonly problems: readonly BuildProblem[];
  /** Absolute paths of the files judged, also those that leave nothing in the bundle. */
  readonly inputs: readonly string[];
}

export function checkTypes(entry: string, configPath: string, root: string): TypeCheck {
  const { config, error } = ts.readConfigFile(configPath, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config ?? {}, ts.sys, dirname(configPath));
  const options = { ...parsed.options, noEmit: true };
  const program = ts.createProgram([entry], options, createHost(options, root));
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

/** Takes Azle from the checkout, as the bundle does; everything else is looked for from where it is imported. */
function createHost(options: ts.CompilerOptions, root: string): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const cache = ts.createModuleResolutionCache(host.getCurrentDirectory(), host.getCanonicalFileName, options);
  const inRoot = join(root, 'index.ts');
  host.resolveModuleNameLiterals = (literals, file, redirected) =>
    literals.map(({ text }) =>
      ts.resolveModuleName(text, ofAzle.test(text) ? inRoot : file, options, host, cache, redirected),
    );
  return host;
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
