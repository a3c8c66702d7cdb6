// What a text names: every word in backticks, every line of a shell block, every path of ours, with its line.

export interface Span {
  readonly line: number;
  readonly text: string;
}

export interface Spans {
  readonly code: readonly Span[];
  /** Files that the reader is told to make. */
  readonly saved: ReadonlySet<string>;
}

const shellFence = /^\s*```sh$/;
const fence = /^\s*```/;
/** Deeper than a list goes on. */
const indented = /^ {4,}(?=\S)/;
const ownPath = /(?<![\w/.`(@-])(?:docs|evals|examples|mcp-server|prompts|replica|skills|stack|tests)\/[\w./-]*\w/g;

export function readSpans(text: string): Spans {
  const code: Span[] = [];
  let inside: 'text' | 'shell' | 'other' = 'text';
  for (const [i, line] of text.split('\n').entries()) {
    if (fence.test(line)) {
      inside = inside !== 'text' ? 'text' : shellFence.test(line) ? 'shell' : 'other';
      continue;
    }
    const found = inside === 'other' ? [] : inside === 'shell' || indented.test(line) ? [line.trim()] : inText(line);
    code.push(...found.map((words) => ({ line: i + 1, text: words })));
  }
  const saved = [...text.matchAll(/[Ss]ave (?:this|it) as `([^`]+)`|^Save as `([^`]+)`|^\/\/ ([\w-]+\.ts)$/gm)];
  return { code, saved: new Set(saved.map(([, a, b, c]) => a ?? b ?? c ?? '')) };
}

function inText(line: string): string[] {
  const quoted = [...line.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words);
  const paths = [...line.replaceAll(/`[^`]*`|\]\([^)]*\)/g, ' ').matchAll(ownPath)].map(([path]) => path);
  return [...quoted, ...paths];
}
