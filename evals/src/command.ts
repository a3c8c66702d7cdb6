// Shell (processes, clock): `npm run eval`: words to a run, a comparison or a page. A trial that fails is a result, and the exit code
// says only whether it could be run.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Choices, helpText, parseWords } from './arguments.ts';
import { compareLogs } from './compare.ts';
import { createGround, type Ground } from './ground.ts';
import type { Host } from './hosts/host.ts';
import { createModelHost } from './hosts/model.ts';
import { naiveHost } from './hosts/naive.ts';
import { scriptedHost } from './hosts/scripted.ts';
import { type Log, logForm, noteOf, type RunLine } from './log.ts';
import { hasLog, openLogFile, readLogFile } from './log-file.ts';
import { renderComparison, renderProgress, renderSummary } from './render.ts';
import { runSuite } from './run.ts';
import { findSuite, scenarios, suiteNames } from './scenarios/index.ts';
import { summarize } from './summary.ts';
import { renderPage } from './view.ts';

/** It cannot be run as it was asked for: a sentence and the next step. */
class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const print = (text: string) => process.stdout.write(`${text}\n`);
const printJson = (value: unknown) => print(JSON.stringify(value, null, 2));

export async function main(words: readonly string[]): Promise<number> {
  const parsed = parseWords(words);
  if (!parsed.ok) {
    say(`${parsed.error}\nNext: npm run eval -- --help`);
    return 1;
  }
  try {
    return await act(parsed.value);
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    say(error.message);
    return 1;
  }
}

async function act(choices: Choices): Promise<number> {
  switch (choices.verb) {
    case 'help':
      print(helpText([...suiteNames], scenarios));
      return 0;
    case 'compare': {
      const comparison = compareLogs(logAt(choices.a), logAt(choices.b));
      if (choices.isJson) printJson(comparison);
      else print(renderComparison(comparison));
      return 0;
    }
    case 'view': {
      const page = choices.page ?? join(folderOf(choices.log), 'view.html');
      writeFileSync(page, renderPage(logAt(choices.log)));
      print(choices.isJson ? JSON.stringify({ page }) : `Written: ${page}. Open it in a browser.`);
      return 0;
    }
    case 'run':
      return await runAndTell(choices);
  }
}

function logAt(path: string): Log {
  const log = readLogFile(path);
  if (log !== null && log.runs.length > 0) return log;
  throw new CannotRun(`There is no log of evals at ${path}.\nNext: give the folder that a run named with its result.`);
}

function folderOf(path: string): string {
  return path.endsWith('.jsonl') ? dirname(path) : path;
}

type RunChoices = Extract<Choices, { verb: 'run' }>;

async function runAndTell(choices: RunChoices): Promise<number> {
  const suite = findSuite(choices.suite);
  if (suite.length === 0) {
    const known = [...suiteNames, ...scenarios.map(({ name }) => name)].join(', ');
    throw new CannotRun(`There is no suite "${choices.suite}".\nNext: choose one of ${known}.`);
  }
  const host = hostOf(choices);
  const folder = choices.out ?? join(root, '.tamc', 'evals', folderName(choices, host));
  const known = knownIn(folder, choices, host);
  const file = openLogFile(folder);
  const run = randomBytes(4).toString('hex');
  file.append(runLine(run, choices, host, suite));
  let ground: Ground | null = null;
  const layGround = async () => {
    ground = await createGround(say);
    return ground;
  };
  try {
    const ran = await runSuite(layGround, {
      run,
      scenarios: suite,
      host,
      trials: choices.trials,
      concurrency: choices.concurrency,
      known,
      append: file.append,
      progress: (trial, position) => say(renderProgress(trial, position)),
      nowIso: () => new Date().toISOString(),
    });
    if (ran.known > 0) say(`${ran.known} trials were there already.`);
    return tell(folder, choices, ran.stoppedBy);
  } finally {
    file.close();
    await closeGround(ground);
  }
}

const closeGround = async (ground: Ground | null) => await ground?.close();

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function tell(folder: string, { isJson }: RunChoices, stoppedBy: string | null): number {
  const summary = summarize(logAt(folder));
  if (isJson) printJson({ ...summary, folder, stoppedBy });
  else print(`\n${renderSummary(summary)}\n\nlog       ${folder}\nlook      npm run eval -- view ${folder}`);
  if (stoppedBy === null) return 0;
  say(`\nStopped before its end: ${stoppedBy}\nNext: mend that, then run the same with --out ${folder} --resume.`);
  return 1;
}

function hostOf({ host, baseUrl }: RunChoices): Host {
  if (host === 'scripted') return scriptedHost;
  if (host === 'naive') return naiveHost;
  const apiKey = process.env.ANTHROPIC_API_KEY;
  if (apiKey === undefined || apiKey === '') {
    throw new CannotRun(
      `The host "${host}" is a model, and there is no key for it.\nNext: set ANTHROPIC_API_KEY, or try --host scripted, which needs none.`,
    );
  }
  return createModelHost({ model: host, apiKey, ...(baseUrl === null ? {} : { baseUrl }) });
}

function folderName({ suite }: RunChoices, { name }: Host): string {
  const at = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19);
  return `${at}-${suite}-${name.replace(/[^\w.-]+/g, '_').slice(0, 60)}`;
}

/** Nothing is run over a log that somebody else began, and nothing twice. */
function knownIn(folder: string, { isResume }: RunChoices, { name }: Host): Pick<Log, 'trials'> {
  if (!hasLog(folder)) {
    if (!isResume) return { trials: [] };
    throw new CannotRun(
      `There is nothing to resume at ${folder}.\nNext: leave --resume out, or name the folder by --out.`,
    );
  }
  if (!isResume) throw new CannotRun(`${folder} has a log.\nNext: --resume goes on with it; --out DIR begins another.`);
  const log = logAt(folder);
  const other = log.runs.find(({ host }) => host !== name);
  if (other === undefined) return log;
  throw new CannotRun(`The log at ${folder} is of ${other.host}, not of ${name}.\nNext: name another folder by --out.`);
}

function runLine(run: string, { suite, trials }: RunChoices, host: Host, list: ReturnType<typeof findSuite>): RunLine {
  const what = { suite, host: host.name, trials, node: process.versions.node, scenarios: list.map(noteOf) };
  return { kind: 'run', form: logForm, run, at: new Date().toISOString(), ...what };
}
