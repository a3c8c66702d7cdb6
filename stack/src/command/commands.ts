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
  /** False: its `--store` is that of a replica alone, which no other command takes. */
  readonly isAboutNetwork?: false;
  /** True: its standard output carries a protocol, so that what `--json` is for stands on standard error. */
  readonly speaksProtocol?: true;
  readonly load: () => Promise<{ run(given: Given): Promise<number> }>;
}

/** What stood on the command line, checked against the table. */
export interface Given {
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

const json: OptionRow = { name: 'json', value: null, text: 'write JSON instead of sentences' };
const store: OptionRow = {
  name: 'store',
  value: 'DIR',
  text: 'the folder of the network, where it was started with another than the default',
};
const url: OptionRow = {
  name: 'url',
  value: 'URL',
  text: 'the replica to ask (default: the one that was started here)',
};

/** What an assistant may do at all. */
const mode: readonly OptionRow[] = [
  { name: 'read-only', value: null, text: 'only look: whatever would change something is not offered' },
  { name: 'toolsets', value: 'LIST', text: 'default (what an assistant needs), operate (for who runs a network)' },
  { name: 'simulate', value: null, text: 'plan everything, do nothing' },
];

export const commands: readonly CommandRow[] = [
  {
    name: 'start',
    summary: 'run the whole world on this computer, until Ctrl-C: network, canisters, page, MCP server, town',
    positionals: [],
    options: [
      { name: 'port', value: 'N', text: 'port of the network (default 4943)' },
      { name: 'page-port', value: 'N', text: 'port of the page (default 4944)' },
      { name: 'mcp-port', value: 'N', text: 'port of the MCP server over HTTP (default 4945)' },
      { name: 'store', value: 'DIR', text: 'where everything is kept (default .tamc/start in the checkout)' },
      { name: 'no-town', value: null, text: 'without the simulated town' },
      { name: 'no-owner', value: null, text: 'make no owner: nobody is there to note a passphrase' },
      { name: 'background', value: null, text: 'run on after this command has ended; makes no owner' },
      {
        name: 'json',
        value: null,
        text: 'write one line of JSON when everything runs: where, whose, how to connect; makes no owner without TAMC_PASSPHRASE',
      },
    ],
    examples: ['npm start', 'npm start -- --port 5000', 'npx tamc start --background', 'npx tamc start --json'],
    load: () => import('./start.ts'),
  },
  {
    name: 'status',
    summary: 'draw the machines of this network, live; `q` ends it',
    positionals: [],
    options: [{ name: 'once', value: null, text: 'draw once and end, also in a terminal' }, store, json],
    examples: ['npx tamc status', 'npx tamc status --once', 'npx tamc status --json'],
    load: () => import('./status.ts'),
  },
  {
    name: 'machine',
    summary:
      'list the machines, show one in depth, stop it, release its stop, or let it take over what its registry has added',
    positionals: ['[MACHINE]', '[stop|release|terms]'],
    options: [{ name: 'reason', value: 'TEXT', text: 'why it is stopped (default "from the terminal")' }, store, json],
    examples: [
      'npx tamc machine',
      'npx tamc machine "washer 1"',
      'npx tamc machine rrkah stop --reason "water on the floor"',
      'npx tamc machine rrkah release',
      'npx tamc machine rrkah terms',
    ],
    load: () => import('./machine.ts'),
  },
  {
    name: 'approve',
    summary: 'decide what assistants and machines ask of you, with your passphrase',
    positionals: ['[MACHINE]', '[REQUEST]'],
    options: [{ name: 'decline', value: null, text: 'decline that request instead' }, store, json],
    examples: ['npx tamc approve', 'npx tamc approve "washer 1" 0', 'npx tamc approve "washer 1" 0 --decline'],
    load: () => import('./approve.ts'),
  },
  {
    name: 'device',
    summary: 'be the simulated device of a machine of yours, until Ctrl-C',
    positionals: ['MACHINE'],
    options: [
      { name: 'code', value: 'CODE', text: 'lets it in, the first time: your assistant makes one (enrol_device)' },
      { name: 'speed', value: 'N', text: 'how many times faster than a real one it works (default 16, as the town)' },
      store,
      { name: 'json', value: null, text: 'write JSON instead of sentences: a line when it works, one for each report' },
    ],
    examples: ['npx tamc device "my washer" --code 3f…', 'npx tamc device "my washer" --speed 60'],
    load: () => import('./device.ts'),
  },
  {
    name: 'doctor',
    summary: 'find what is wrong on this computer, and say how to mend it',
    positionals: [],
    options: [store, json],
    examples: ['npx tamc doctor', 'npx tamc doctor --json'],
    load: () => import('./doctor.ts'),
  },
  {
    name: 'stop',
    summary: 'end what `tamc start` runs here, and wait until it has ended',
    positionals: [],
    options: [store, json],
    examples: ['npx tamc stop', 'npx tamc stop --json'],
    load: () => import('./stop.ts'),
  },
  {
    name: 'mcp',
    speaksProtocol: true,
    summary: 'be the MCP server of an assistant, on standard input and output',
    positionals: [],
    options: [
      ...mode,
      { name: 'as', value: 'NAME', text: 'which assistant it is: each has a key of its own (default assistant)' },
      store,
      {
        name: 'json',
        value: null,
        text: 'say what goes wrong as lines of JSON on standard error; standard output is the protocol, which is JSON',
      },
    ],
    examples: [
      'claude mcp add tamc -- npx tamc mcp',
      'npx tamc mcp --read-only',
      'npx tamc mcp --toolsets default,operate --as engineer',
    ],
    load: () => import('./mcp.ts'),
  },
  {
    name: 'owner',
    summary: 'show whose world this is; make the owner, change the passphrase, let an assistant in',
    positionals: [],
    options: [
      {
        name: 'admit',
        value: 'NAME',
        text: 'let this assistant act on machines that it brings to life for you; at most what follows, over HTTP and in `tamc mcp`:',
      },
      ...mode,
      { name: 'new-passphrase', value: null, text: 'another passphrase for the same key' },
      store,
      json,
    ],
    examples: [
      'npx tamc owner',
      'npx tamc owner --admit engineer --toolsets default,operate',
      'npx tamc owner --admit visitor --read-only',
      'npx tamc owner --admit visitor --toolsets default',
    ],
    load: () => import('./owner.ts'),
  },
  {
    name: 'replica',
    isAboutNetwork: false,
    summary: 'run an Internet Computer in one process, until Ctrl-C',
    positionals: [],
    options: [
      { name: 'port', value: 'N', text: 'loopback port to listen on (default 4943; 0 takes a free one)' },
      { name: 'store', value: 'DIR', text: 'where its state is kept (default .tamc/replica)' },
      { name: 'memory', value: null, text: 'keep everything in memory and nothing on disk' },
      { name: 'virtual-time', value: null, text: 'time stands still until a client moves it: POST /_/time' },
      { name: 'seed', value: 'TEXT', text: 'seed of keys and randomness of a new store' },
      {
        name: 'drop-inputs',
        value: null,
        text: 'remove recorded calls that no checkpoint needs: else every one is kept, to be executed again, and fills the disk',
      },
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
      { name: 'subnet', value: 'ID', text: 'create the canisters on this subnet of the main network or of an engine' },
      {
        name: 'config',
        value: 'FILE',
        text: 'JSON that changes ledgers, cycles and who may have machines born, also on what is there',
      },
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
      { name: 'candid', value: 'FILE', text: 'its interface, where the canister carries none' },
      json,
    ],
    examples: [
      'npx tamc call counter increment',
      'npx tamc call counter greet Ana',
      `npx tamc call aaaaa-aa canister_status '{"canister_id": "bkyz2-fmaaa-aaaaa-qaaaq-cai"}'`,
    ],
    load: () => import('./call.ts'),
  },
];
