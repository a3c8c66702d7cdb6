// What is wrong with a canister's source, where, and what to do about it.

export interface BuildProblem {
  /** Relative to the folder the command runs in; null when no place can be named. */
  readonly file: string | null;
  /** From 1; zero when there is no file. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly next: string;
}

export function problemWithoutPlace(text: string, next: string): BuildProblem {
  return { file: null, line: 0, column: 0, text, next };
}

export function renderProblem({ file, line, column, text, next }: BuildProblem): string {
  const place = file === null ? '' : `${file}:${line}:${column}: `;
  return `${place}${text}\n  → ${next}`;
}
