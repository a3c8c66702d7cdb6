// The commands of people from outside, on a running network: what they show is what the canisters say, what they decide is done by
// the owner's key alone, and wrong words change nothing.
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindLedger, bindMachine, bindRegistry } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { hexToPrincipal, principalToText } from '@tamc/protocol/principal';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { canisterOf } from '../canisters/machine/test-machine.ts';
import { checkRequest } from '../stack/src/approve/check-request.ts';
import { openNetworkFolder } from '../stack/src/deploy/network-folder.ts';
import { type Page, startPage } from '../stack/src/page/page-server.ts';
import { createTownPort } from '../stack/src/page/town-port.ts';
import { openPeople } from '../stack/src/world/people.ts';
import { expectOk } from './journeys/network.ts';
import { createPeopleWorld, dollar, type PeopleWorld, passphrase, termsOn } from './people-world.ts';
import { startProgram, tamc } from './program.ts';

let world: PeopleWorld;
let id = '';
beforeAll(async () => {
  world = await createPeopleWorld();
  id = principalToText(world.washer);
});
afterAll(() => world?.close());
afterEach(() => {
  delete process.env.TAMC_PASSPHRASE;
});

const run = (...words: string[]) => tamc(...words, '--store', world.folder);
const runAsOwner = async (...words: string[]) => {
  process.env.TAMC_PASSPHRASE = passphrase;
  return await run(...words);
};
const ownerHas = async () =>
  expectOk(await bindLedger(world.keeper, world.places.ledger).balanceOf(accountOf(world.owner.self)));
const statusOf = async (request: number) => {
  const [found] = expectOk(await bindMachine(world.owner, world.washer).request(request));
  return found!.status;
};

describe('where nothing runs', () => {
  it.each(['status', 'machine', 'approve'])('`tamc %s` says how to start, and leaves nothing behind', async (name) => {
    const empty = mkdtempSync(join(tmpdir(), 'tamc-nothing-'));
    const { code, output } = await tamc(name, '--store', empty);
    expect(code).toBe(1);
    // Of this folder: what starts another network would not help.
    expect(output).toMatch(
      /^tamc: No network runs here\.\n {2}→ Start one with `node \S+tamc\.mjs start --store (\S+)`/,
    );
    expect(output).toContain(`start --background --store ${empty}\``);
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
  });
});

describe('tamc owner --admit', () => {
  it('refuses words that would leave an assistant without any tool', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tamc-nothing-'));
    const people = openPeople(folder);
    await people.createOwner(passphrase);
    process.env.TAMC_PASSPHRASE = passphrase;
    const words = ['--admit', 'visitor', '--read-only', '--toolsets', 'operate', '--store', folder];
    const nothing = await tamc('owner', ...words);
    expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining('would have no tool') });
    expect(people.assistants()).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe('tamc status', () => {
  it('draws once where nobody looks, without colours, the owner first and marked', async () => {
    const { code, output } = await run('status');
    expect(code, output).toBe(0);
    expect(output).toMatch(/★ washer 9 +washer +– no device +100\.00 simUSD +unknown +never +0/);
    expect(output).toContain('Nothing waits for your approval.');
    expect(output).not.toContain('\u001b');
  });

  it('is data with --json', async () => {
    const { output } = await run('status', '--json');
    expect(JSON.parse(output)).toMatchObject({
      network: { url: world.url },
      owner: principalToText(world.owner.self),
      machines: [{ id, name: 'washer 9', isYours: true, state: 'no device', earned: '100000000' }],
      waiting: [],
    });
  });
});

describe('the next step of a person', () => {
  it('connects an assistant to the network that the doctor looked at', async () => {
    const { output } = await run('doctor');
    expect(output).toMatch(new RegExp(`claude mcp add tamc -- node \\S+tamc\\.mjs mcp --store ${world.folder}\n`));
  });

  it('is about the network that was asked about, where nobody owns it', async () => {
    const path = join(world.folder, 'people/owner.json');
    renameSync(path, `${path}.away`);
    for (const words of [['status'], ['approve'], ['doctor']]) {
      const { output } = await run(...words);
      expect(output.replaceAll(/\s+/g, ' '), words[0]).toContain(`tamc.mjs owner --store ${world.folder}`);
      expect(output).not.toContain('npx tamc owner');
    }
    renameSync(`${path}.away`, path);
  });
});

describe('tamc machine', () => {
  it('lists, and finds one by its id, the beginning of it, or its model', async () => {
    expect((await run('machine')).output).toMatch(new RegExp(`${id} +★ washer 9`));
    for (const words of [id, id.slice(0, 5), 'Washer 9']) {
      const { output } = await run('machine', words);
      expect(output).toContain(`id ${id}`);
      expect(output).toContain('1  assistant: 0.00 simUSD spent of 5.00 simUSD in 1 d');
      expect(output).toContain('main 100.00 simUSD');
    }
    const unknown = await run('machine', 'washer 10');
    expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining('There is no machine "washer 10"') });
  });

  it('shows all of one as data', async () => {
    const { output } = await run('machine', id, '--json');
    expect(JSON.parse(output)).toMatchObject({ id, mandates: [{ terms: { label: 'assistant' } }], requests: [] });
  });

  it('stops by the owner with a reason or without, and releases', async () => {
    const machine = bindMachine(world.owner, world.washer);
    expect(await runAsOwner('machine', id, 'stop')).toMatchObject({ code: 0 });
    expect(expectOk(await machine.stopped())).toMatchObject([{ reason: 'from the terminal' }]);
    expect(await runAsOwner('machine', id, 'release')).toMatchObject({ code: 0 });
    expect(await runAsOwner('machine', id, 'stop', '--reason', 'water on the floor')).toMatchObject({ code: 0 });
    const [stop] = expectOk(await machine.stopped());
    expect(stop).toMatchObject({ reason: 'water on the floor' });
    expect(stop!.by.toText()).toBe(principalToText(world.owner.self));
    expect((await run('machine', id)).output).toMatch(/"water\s+on\s+the\s+floor"/);
    expect(await runAsOwner('machine', id, 'release')).toMatchObject({ code: 0 });
    expect(expectOk(await machine.stopped())).toEqual([]);
  });

  it('tells a program in JSON what it did', async () => {
    const told = async (...words: string[]) => {
      const { code, output } = await runAsOwner('machine', id, ...words, '--json');
      expect(code, output).toBe(0);
      return JSON.parse(output.trim().split('\n').at(-1)!);
    };
    expect(await told('stop', '--reason', 'smoke')).toEqual({ machine: id, stopped: true, assistant: null });
    expect(await told('release')).toEqual({ machine: id, stopped: false, released: true });
    expect(await told('release')).toEqual({ machine: id, stopped: false, released: false });
  });

  it('takes over the ledgers that its registry has added, by the owner', async () => {
    const facts = { symbol: 'EUR', decimals: 2, fee: 1n, home: false };
    const { registry } = world.places;
    const ledger = hexToPrincipal(canisterOf(77));
    expectOk(await bindRegistry(world.keeper, registry).add_ledger({ id: ledger, ...facts }));
    const { code, output } = await runAsOwner('machine', id, 'terms');
    expect(code, output).toBe(0);
    expect(output).toContain(
      `washer 9 can be paid on EUR (${ledger.toText()}) now; it buys cycles at the simulated desk`,
    );
    expect((await runAsOwner('machine', id, 'terms')).output).toContain('washer 9 has every ledger that is in use');
    const again = await runAsOwner('machine', id, 'terms', '--json');
    const told = JSON.parse(again.output.trim().split('\n').at(-1)!);
    expect(told).toEqual({ machine: id, ledgers: [], compute: 'simulated_desk', left: [] });
    expect((await run('machine', id)).output).toMatch(/main 0\.00 EUR/);
    expect((await run('machine', id, 'term')).output).toContain('Write stop, release, terms, or nothing to look.');
  });
});

/** Between a command and the network: passes everything on, and notes what is asked of which canister. */
async function startWitness(network: string) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const [, canister, question] = /canister\/([^/]+)\/(query|call)$/.exec(request.url ?? '') ?? [];
    if (question !== undefined) asked.push(`${question} ${canister}`);
    const { method = 'GET' } = request;
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const headers = { 'content-type': request.headers['content-type'] ?? 'application/cbor' };
    const answer = await fetch(new URL(request.url ?? '/', network), { method, headers, ...body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens at a port');
  const close = () => new Promise<void>((done) => server.close(() => done()));
  return { url: `http://127.0.0.1:${address.port}`, asked, close };
}

describe('a stop in a terminal', () => {
  /** Nothing answers there in this world. */
  const places = { page: 'http://127.0.0.1:1/', mcp: 'http://127.0.0.1:1/mcp', pid: process.pid };

  it('waits for no passphrase: the key of an assistant that may is enough', async () => {
    const machine = bindMachine(world.owner, world.washer);
    const { code, output } = await run('machine', id, 'stop', '--reason', 'smoke');
    expect(code, output).toBe(0);
    expect(output).toContain('by the key of the assistant "assistant"');
    const [stop] = expectOk(await machine.stopped());
    expect(stop!.by.toText()).toBe(principalToText(world.assistant.self));
    expect((await run('machine', id, 'release')).code).toBe(1);
    expect(await runAsOwner('machine', id, 'release')).toMatchObject({ code: 0 });
  });

  it('is sent before any machine is asked anything: by an id at once, by a name after the registry', async () => {
    const { url, asked, close } = await startWitness(world.url);
    openNetworkFolder(world.folder).setRunning({ ...places, url });
    try {
      expect((await run('machine', id, 'stop', '--reason', 'smoke')).output).toContain(`${id} is stopped`);
      expect(asked.slice(0, 1)).toEqual([`call ${id}`]);
      asked.length = 0;
      expect((await run('machine', 'washer 9', 'stop', '--reason', 'smoke')).output).toContain('washer 9 is stopped');
      expect(asked.slice(0, 2)).toEqual([`query ${principalToText(world.places.registry)}`, `call ${id}`]);
    } finally {
      openNetworkFolder(world.folder).setRunning({ ...places, url: world.url });
      await close();
    }
    expect(await runAsOwner('machine', id, 'release')).toMatchObject({ code: 0 });
  });

  it('by name is of the machine that is yours; among others it shows what to type', async () => {
    const strangers = [await world.meet(), await world.meet()];
    const twins = await Promise.all([world.owner, ...strangers].map((one) => world.bear(one, 'washer 7')));
    expect(await runAsOwner('machine', 'Washer 7', 'stop', '--reason', 'fire')).toMatchObject({ code: 0 });
    const stopped = async (one: typeof world.washer) => expectOk(await bindMachine(world.owner, one).stopped()).length;
    expect(await Promise.all(twins.map(stopped))).toEqual([1, 0, 0]);
    const [first, second] = await Promise.all(strangers.map((one) => world.bear(one, 'washer 8')));
    const { code, output } = await runAsOwner('machine', 'washer 8', 'stop', '--reason', "it's on fire");
    expect(code).toBe(1);
    for (const one of [first!, second!]) {
      const words = `machine ${principalToText(one)} stop --reason 'it''s on fire' --store ${world.folder}`;
      expect(output).toContain(words.replace("''", String.raw`'\''`));
    }
  }, 120_000);
});

describe('tamc owner', () => {
  it('makes the owner in JSON as in words, and writes nothing but JSON where a program reads', async () => {
    const store = mkdtempSync(join(tmpdir(), 'tamc-owner-'));
    const owner = async (...words: string[]) => {
      const env = { TAMC_PASSPHRASE: passphrase };
      const program = startProgram(['stack/bin/tamc.mjs', 'owner', ...words, '--json', '--store', store], env);
      const code = await program.ended;
      return { code, told: JSON.parse(program.standardOutput()), output: program.output() };
    };
    expect((await owner()).told).toMatchObject({ owner: expect.stringMatching(/-/) });
    // Nothing runs there: what is taken away is gone all the same, what would be added is not there.
    const narrowed = await owner('--admit', 'visitor', '--read-only');
    expect(narrowed).toMatchObject({ code: 1, told: { error: {} } });
    const modeOf = () => openPeople(store).modeOf('visitor');
    expect(modeOf()).toMatchObject({ value: { isReadOnly: true } });
    const widened = await owner('--admit', 'visitor', '--toolsets', 'default,operate');
    expect(widened).toMatchObject({ code: 1, output: expect.stringContaining('nothing was added: may only look') });
    expect(modeOf()).toMatchObject({ value: { isReadOnly: true, toolsets: new Set(['default']) } });
    rmSync(store, { recursive: true });
  });
});

describe('tamc approve', () => {
  it('lists what waits, rendered here from the payload', async () => {
    const request = await world.askToPay(7n * dollar, 'a new drum');
    const { output } = await run('approve');
    expect(output).toContain(`washer 9, request ${request}: to pay 7 simUSD`);
    expect(output).toMatch(new RegExp(`tamc\\.mjs approve ${id} ${request} --store ${world.folder}\n`));
    const { waiting } = JSON.parse((await run('approve', '--json')).output);
    const [reply] = expectOk(await bindMachine(world.owner, world.washer).request(request));
    expect(waiting).toMatchObject([{ machine: id, request, text: reply!.text, problem: null }]);
    expect((await run('status')).output).toContain('1 request for you to decide');
  });

  it('changes nothing on a wrong passphrase, or without one', async () => {
    const [request] = JSON.parse((await run('approve', '--json')).output).waiting;
    process.env.TAMC_PASSPHRASE = 'a guess';
    const wrong = await run('approve', id, String(request.request));
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('The passphrase is wrong') });
    delete process.env.TAMC_PASSPHRASE;
    const without = await run('approve', id, String(request.request));
    expect(without).toMatchObject({ code: 1, output: expect.stringContaining('TAMC_PASSPHRASE') });
    expect(await statusOf(request.request)).toEqual({ open: null });
  });

  it('pays what it shows, and names the block', async () => {
    const [{ request }] = JSON.parse((await run('approve', '--json')).output).waiting;
    const before = await ownerHas();
    const { code, output } = await runAsOwner('approve', 'washer 9', String(request));
    expect(code, output).toBe(0);
    expect(output).toMatch(/asks to pay 7 simUSD[\s\S]*payload: [0-9a-f]{64}\nApproved and paid: block \d+/);
    expect((await ownerHas()) - before).toBe(7n * dollar);
    const again = await runAsOwner('approve', id, String(request));
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining(`No request ${request} waits there`) });
  });

  it('declines', async () => {
    const request = await world.askToPay(8n * dollar, 'again');
    const before = await ownerHas();
    const { output } = await runAsOwner('approve', id, String(request), '--decline');
    expect(output).toContain('Declined');
    expect(await statusOf(request)).toEqual({ declined: null });
    expect(await ownerHas()).toBe(before);
  });

  it('gives a mandate and names it; releases a stop', async () => {
    const delegate = hexToPrincipal(world.assistant.self);
    const terms = termsOn(world.places.ledger, { ask_above: 2n * dollar });
    const grant = await world.askFor({ grant_mandate: { delegate, terms } }, 'fewer questions');
    expect((await runAsOwner('approve', id, String(grant))).output).toMatch(/Approved: it is mandate \d+ now/);
    const mandates = expectOk(await bindMachine(world.owner, world.washer).mandates());
    expect(mandates.filter(({ terms: { ask_above } }) => ask_above === 2n * dollar)).toHaveLength(1);
    expectOk(await bindMachine(world.assistant, world.washer).stop({ reason: 'smoke' }));
    const release = await world.askFor({ release_stop: null }, 'it was steam');
    const { output } = await runAsOwner('approve', id, String(release), '--json');
    expect(JSON.parse(output.trim().split('\n').at(-1)!)).toMatchObject({ outcome: 'released' });
    expect(expectOk(await bindMachine(world.owner, world.washer).stopped())).toEqual([]);
  });

  it('believes no request whose hash, machine, number or bytes are not what they say', async () => {
    const request = await world.askToPay(9n * dollar, 'honest');
    const [reply] = expectOk(await bindMachine(world.owner, world.washer).request(request));
    expect(checkRequest(world.washer, reply!).ok).toBe(true);
    const { payload } = reply!;
    const changed = Uint8Array.from(payload, (byte, i) => (i === payload.length - 3 ? byte ^ 1 : byte));
    const hostile = [
      { ...reply!, payload: changed },
      { ...reply!, payload_hash: changed.slice(0, 32) },
      { ...reply!, request: request + 1 },
      { ...reply!, payload: new Uint8Array(0) },
    ];
    expect(hostile.map((one) => checkRequest(world.washer, one).ok)).toEqual([false, false, false, false]);
    expect(checkRequest(world.places.registry, reply!)).toMatchObject({
      ok: false,
      error: expect.stringMatching('another machine'),
    });
    await runAsOwner('approve', id, String(request), '--decline');
  });

  it('leaves requests on machines of others to them', async () => {
    const stranger = await world.meet();
    const other = await world.bear(stranger, 'washer of a stranger');
    const { output } = await run('approve', 'washer of a stranger');
    expect(output).toBe('Nothing waits for your approval.\n');
    const stopped = await runAsOwner('machine', principalToText(other), 'stop', '--reason', 'mine now');
    expect(stopped).toMatchObject({ code: 1, output: expect.stringContaining('nothing to do with this machine') });
  });
});

describe('the page', () => {
  let page: Page;
  /** Of the whole town. */
  let readCount = 0;
  beforeAll(async () => {
    const { url, owner, keeper, places, folder } = world;
    const network = { url, page: null, mcp: null };
    const people = openPeople(folder);
    const town = createTownPort({
      connection: keeper,
      connectAs: world.meet,
      registry: places.registry,
      people,
      network: () => network,
    });
    const example = { name: 'counter', canister: owner.self, methods: {} };
    const readStatus = async () => {
      readCount++;
      return await town.readStatus();
    };
    page = await startPage({ port: 0, url, connection: keeper, ...example, town: { ...town, readStatus } });
  });
  afterAll(() => page?.close());

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(new URL(path, page.url), { redirect: 'manual', ...init });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  /** What the form of that request holds, as a browser would send it. */
  const formOf = async (request: number) => {
    const { body } = await ask('/approve');
    const [form = ''] = body.split('<form').filter((part) => part.includes(`name="request" value="${request}"`));
    const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    return Object.fromEntries(fields.filter(([name]) => name !== 'decision'));
  };
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    ask('/approve', { method: 'POST', body: new URLSearchParams(fields), headers });

  it('shows the machines as `tamc status --json` does', async () => {
    const { status, body } = await ask('/status');
    expect(status).toBe(200);
    const [mine] = JSON.parse(body).machines;
    expect(mine).toMatchObject(JSON.parse((await run('status', '--json')).output).machines[0]);
  });

  it('shows what waits as its payload says it, in HTML that needs no script and runs none of others', async () => {
    const request = await world.askToPay(6n * dollar, '<img src=x onerror=alert(1)>');
    const { body, headers } = await ask('/approve');
    expect(body).toContain('asks to pay 6 simUSD');
    expect(body).toContain('&#60;img src=x onerror=alert(1)&#62;');
    expect(body).not.toMatch(/<img|<script/);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'none'; style-src 'sha256-/,
    );
    expect((await ask('/')).headers.get('content-security-policy')).not.toContain('unsafe');
    expect(await formOf(request)).toMatchObject({ machine: id, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('reads the town once for all who look at the same time, and not at all for who knows no form of it', async () => {
    readCount = 0;
    const looks = Array.from({ length: 40 }, (_, i) => ask(i % 2 === 0 ? `/approve?${i}` : '/status'));
    expect((await Promise.all(looks)).map(({ status }) => status)).toEqual(Array(40).fill(200));
    expect(readCount).toBeLessThan(10);
    readCount = 0;
    const strange = await post({ token: 'guessed', decision: 'approve' });
    expect([strange.status, readCount]).toEqual([403, 0]);
    expect(strange.body).toContain('Nothing was done');
    expect(strange.body).not.toContain('Nothing waits');
  });

  it('decides nothing for another page, another start, another hash, or nobody', async () => {
    const [{ request }] = JSON.parse((await run('approve', '--json')).output).waiting;
    const form = { ...(await formOf(request)), passphrase, decision: 'approve' };
    const refused = [
      await post(form, { origin: 'https://evil.example' }),
      await post({ ...form, token: '0'.repeat(64) }),
      await post({ ...form, token: '' }),
      await post({ ...form, decision: 'both' }),
      await post({ ...form, hash: '0'.repeat(64) }),
      await post({ ...form, request: '999' }),
      await post({ ...form, passphrase: '' }),
      await post({ ...form, passphrase: 'x'.repeat(20_000) }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 409, 409, 403, 413]);
    expect(await statusOf(request)).toEqual({ open: null });
  });

  it('pays once when the owner approves, and says in which block', async () => {
    const [{ request }] = JSON.parse((await run('approve', '--json')).output).waiting;
    const form = { ...(await formOf(request)), passphrase, decision: 'approve' };
    const before = await ownerHas();
    const [first, second] = await Promise.all([post(form), post(form)]);
    expect([first.status, second.status].toSorted()).toEqual([303, 409]);
    const { body } = await ask(first.headers.get('location') ?? second.headers.get('location') ?? '');
    expect(body).toMatch(new RegExp(`washer 9, request ${request}: Approved and paid: block \\d+`));
    expect(body).not.toContain(passphrase);
    expect((await ownerHas()) - before).toBe(6n * dollar);
  });

  it('declines; and after five wrong passphrases it waits, also for the right one', async () => {
    const [first, second] = [await world.askToPay(8n * dollar, 'one'), await world.askToPay(8n * dollar, 'two')];
    const declined = await post({ ...(await formOf(first)), passphrase, decision: 'decline' });
    expect(declined.status).toBe(303);
    expect(await statusOf(first)).toEqual({ declined: null });
    const form = { ...(await formOf(second)), decision: 'approve' };
    const guesses = await Promise.all(Array.from({ length: 6 }, (_, i) => post({ ...form, passphrase: `guess ${i}` })));
    expect(guesses.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 429]);
    const right = await post({ ...form, passphrase });
    expect(right.status).toBe(429);
    expect(right.body).toContain('npx tamc approve');
    expect(await statusOf(second)).toEqual({ open: null });
  });
});
