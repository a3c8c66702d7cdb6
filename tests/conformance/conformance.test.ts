// The official referee judges the server, in both revisions, over the HTTP entry that the product has, with all its guards. The product
// as it is must pass what needs no fixtures; with fixtures on top it must pass everything that is scored.
import { refuse } from '@tamc/base/result';
import { createServerFactory, type McpServerFactory, type ServerSettings, type World } from '@tamc/mcp-server';
import { serveHttp } from '@tamc/mcp-server/http';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { settingsOf } from '../mcp/world.ts';
import { overlayFixtures } from './overlay.ts';
import { findNode, refereeProblem, runReferee, type Verdict } from './referee.ts';
import { startTokenProxy } from './token-proxy.ts';

const problem = refereeProblem();
const token = 'the-token-of-the-conformance-test';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The protocol is judged, not the network: none is there, and a call that needs one is answered with that. */
const world: World = {
  caller: 'aa' as PrincipalHex,
  open: async () => refuse({ code: 'NoNetwork', message: 'there is no network here', nextStep: 'Start one.' }),
  nowMs: () => 0,
  audit: () => {},
};

// What faults do is tested by itself; the referee provokes some.
const settings: ServerSettings = { ...settingsOf(world), onFault: () => {} };
const product = createServerFactory(settings);
const withFixtures = overlayFixtures(createServerFactory(settings));

/** What it finds wrong it sends on purpose: no fault of ours. */
const onFault = () => {};

let node = '';
async function judge(factory: McpServerFactory, ...choice: readonly string[]): Promise<Verdict> {
  const endpoint = await serveHttp((given) => (given === token ? factory : null), { port: 0, onFault });
  closers.push(endpoint.close);
  const proxy = await startTokenProxy(endpoint.url, token);
  closers.push(proxy.close);
  return await runReferee(node, proxy.url, choice);
}

/** By scenario: what failed, or that nothing was looked at. */
function problemsOf({ checks }: Verdict, scenarios: readonly string[]): string[] {
  return scenarios.flatMap((scenario) => {
    const found = checks.get(scenario) ?? [];
    const failed = found.filter(({ status }) => status === 'FAILURE');
    const reasons = failed.map(({ id, errorMessage }) => `${scenario}: ${id}: ${errorMessage}`);
    return found.some(({ status }) => status === 'SUCCESS') ? reasons : [...reasons, `${scenario}: nothing succeeded`];
  });
}

const clean = {
  '2026-07-28': [
    'tools-list',
    'resources-list',
    'prompts-list',
    'sep-2164-resource-not-found',
    'dns-rebinding-protection',
    'caching',
    'http-header-validation',
    'server-sse-multiple-streams',
    'input-required-result-unsupported-methods',
  ],
  '2025-11-25': [
    'server-initialize',
    'server-session-lifecycle',
    'ping',
    'tools-list',
    'resources-list',
    'prompts-list',
    'dns-rebinding-protection',
    'server-sse-multiple-streams',
  ],
};

if (problem !== null) it.skip(`conformance is not judged here: ${problem}`, () => {});

describe.skipIf(problem !== null)('to the official referee', () => {
  beforeAll(async () => {
    node = await findNode();
  }, 330_000);

  it('the product as it is does what revision 2026-07-28 asks of every server', async () => {
    const verdict = await judge(product, '--requirements', '2026-07-28');
    expect(problemsOf(verdict, clean['2026-07-28'])).toEqual([]);
  }, 330_000);

  it('the product as it is does what revision 2025-11-25 asks of every server', async () => {
    const verdict = await judge(product, '--requirements', '2025-11-25');
    expect(problemsOf(verdict, clean['2025-11-25'])).toEqual([]);
    // The referee can say no: without fixtures it does.
    expect(verdict.code).toBe(1);
  }, 330_000);

  it.each(['2026-07-28', '2025-11-25'])(
    'the product with fixtures passes everything that is scored of %s',
    async (revision) => {
      const { code, output } = await judge(withFixtures, '--requirements', revision);
      expect(code, output.slice(output.indexOf('=== SUMMARY'))).toBe(0);
      expect(output).toContain(`Not scored for ${revision}`);
    },
    330_000,
  );

  it.each(['sep-2640-skills-enumeration', 'sep-2640-skills-manifest'])(
    'the product as it is passes %s',
    async (scenario) => {
      const verdict = await judge(product, '--scenario', scenario);
      expect(problemsOf(verdict, [scenario]), verdict.output).toEqual([]);
      expect(verdict.code).toBe(0);
    },
    330_000,
  );
});
