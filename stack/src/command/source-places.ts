// Turns the places of a stack trace from the bundle back into those of the source.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';

export function showSourcePlaces(stack: string): string {
  return stack.replaceAll(
    /([^\s(]+\.cjs):(\d+):(\d+)/g,
    (place, path: string, line: string, column: string) => sourcePlace(path, Number(line), Number(column)) ?? place,
  );
}

function sourcePlace(path: string, line: number, column: number): string | null {
  if (!existsSync(`${path}.map`)) return null;
  const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
  const entry = map.findEntry(line - 1, column - 1);
  if (!('originalSource' in entry)) return null;
  const source = relative(process.cwd(), resolve(dirname(path), entry.originalSource));
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
