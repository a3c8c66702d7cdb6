// The subcommands of `tamc` as data: help, parsing and dispatch all read this table. A command's code loads when it runs.

export interface OptionRow {
  readonly name: string;
  /** How the value is called in the help; null for a switch. */
  readonly value: string | null;
  readonly text: string;
}

export interface CommandRow {
  readonly name: string;
  readonly summary: string;
  /** Names of the positional arguments; `[X]` may be left out, `[X …]` takes any number. */
  readonly positionals: readonly string[];
  readonly options: readonly OptionRow[];
  readonly examples: readonly string[];
  readonly load: () => Promise<{ run(given: Given): Promise<number> }>;
}

/** What stood on the command line, checked against the table. */
export interface Given {
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

const json: OptionRow = { name: 'json', value: null, text: 'write JSON instead of sentences' };
const url: OptionRow = {
  name: 'url',
  value: 'URL',
  text: 'the replica to ask (default: the one that was started here)',
};

export const commands: readonly CommandRow[] = [
  {
    name: 'start',
    summary: 'run the replica with the example canister and a page to look at, until Ctrl-C',
    positionals: [],
    options: [
      { name: 'port', value: 'N', text: 'port of the replica (default 4943)' },
      { name: 'page-port', value: 'N', text: 'port of the page (default 4944)' },
      { name: 'store', value: 'DIR', text: 'where everything is kept (default .tamc/start in the checkout)' },
    ],
    examples: ['npm start', 'npm start -- --port 5000'],
    load: () => import('./start.ts'),
  },
  {
    name: 'replica',
    summary: 'run an Internet Computer in one process, until Ctrl-C',
    positionals: [],
    options: [
      { name: 'port', value: 'N', text: 'loopback port to listen on (default 4943; 0 takes a free one)' },
      { name: 'store', value: 'DIR', text: 'where its state is kept (default .tamc/replica)' },
      { name: 'memory', value: null, text: 'keep everything in memory and nothing on disk' },
      { name: 'virtual-time', value: null, text: 'time stands still until a client moves it: POST /_/time' },
      { name: 'seed', value: 'TEXT', text: 'seed of keys and randomness of a new store' },
      json,
    ],
    examples: [
      'npx tamc replica --port 8000 --store ./state',
      'npx tamc replica --memory --virtual-time --json',
      `curl -d '{"advanceNs":"60000000000"}' http://127.0.0.1:4943/_/time`,
    ],
    load: () => import('./replica.ts'),
  },
  {
    name: 'deploy',
    summary: 'bring our canisters to a network: shows the plan, then does what is open',
    positionals: [],
    options: [
      { name: 'network', value: 'NAME', text: 'embedded (default), local, ic, or a URL' },
      { name: 'subnet', value: 'ID', text: 'create the canisters on this subnet' },
      { name: 'config', value: 'FILE', text: 'JSON that changes ledgers, cycles and who may have machines born' },
      { name: 'store', value: 'DIR', text: 'where ids and the key of this network are kept' },
      { name: 'yes', value: null, text: 'do it without asking' },
      json,
    ],
    examples: ['npx tamc deploy --yes', 'npx tamc deploy --network http://127.0.0.1:8000 --json'],
    load: () => import('./deploy.ts'),
  },
  {
    name: 'build',
    summary: 'build a TypeScript canister to Wasm and Candid, wherever its folder lies',
    positionals: ['FOLDER'],
    options: [
      { name: 'out', value: 'DIR', text: 'where to write NAME.wasm and NAME.did (default: the folder itself)' },
      json,
    ],
    examples: ['npx tamc build examples/counter --out /tmp/counter', 'npx tamc build ../my-canister'],
    load: () => import('./build.ts'),
  },
  {
    name: 'call',
    summary: 'call a method of a canister and print what it answers',
    positionals: ['CANISTER', 'METHOD', '[ARG …]'],
    options: [
      url,
      {
        name: 'store',
        value: 'DIR',
        text: 'the store of the replica, where it was started with another than the default',
      },
      json,
    ],
    examples: ['npx tamc call counter increment', 'npx tamc call counter greet Ana'],
    load: () => import('./call.ts'),
  },
];
