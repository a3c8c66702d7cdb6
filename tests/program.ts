// Programs of the workspace as a user runs them: started, read, and stopped by a signal.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');

export interface Program {
  readonly child: ChildProcess;
  /** Everything it has written so far. */
  output(): string;
  /** Of it what a program reads, without what is told beside it. */
  standardOutput(): string;
  /** Resolves with the match once the output has it; rejects when the program ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

export function startProgram(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let standardOutput = '';
  const listeners = new Set<() => void>();
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    standardOutput += chunk.toString();
    collect(chunk);
  });
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((settle) => child.once('close', settle));
  return {
    child,
    ended,
    output: () => output,
    standardOutput: () => standardOutput,
    waitFor: (pattern) =>
      new Promise((found, failed) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match === null) return;
          listeners.delete(look);
          found(match);
        };
        listeners.add(look);
        look();
        void ended.then((code) => failed(new Error(`it ended with ${code} before ${pattern}:\n${output}`)));
      }),
  };
}

export interface MemoryReplica {
  readonly url: string;
  /** For what commands that are told of it keep. */
  readonly folder: string;
  /** The folder goes with it. */
  stop(): Promise<void>;
}

/** A bare replica in another process. */
export async function startMemoryReplica(): Promise<MemoryReplica> {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-'));
  const program = startProgram(['stack/bin/tamc.mjs', 'replica', '--port', '0', '--memory', '--json']);
  const [, url] = await program.waitFor(/"url":"([^"]+)"/);
  const stop = async () => {
    program.child.kill();
    await program.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: url!, folder, stop };
}

/** Runs `tamc` to its end. */
export async function tamc(...words: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const program = startProgram(['stack/bin/tamc.mjs', ...words]);
  const code = await program.ended;
  return { code, output: program.output() };
}
