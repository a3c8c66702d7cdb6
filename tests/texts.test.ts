// Every tool, argument, command, option, file and method that our texts name is there; and what they give to be run runs.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tools } from '@tamc/mcp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instructions } from '../mcp-server/src/instructions.ts';
import { parseConfiguration } from '../stack/src/deploy/configuration.ts';
import { root, startProgram } from './program.ts';
import { type Place, textProblems } from './texts/check.ts';
import { files } from './texts/known.ts';

const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const needsTools = /^compatibility: Needs the tools of the tamc MCP server/m;
function kindOf(path: string): Place['kind'] {
  if (path === 'docs/plan.md' || path.startsWith('docs/decisions/')) return 'record';
  return path.startsWith('prompts/') || needsTools.test(textOf(path)) ? 'assistant' : 'guide';
}
const texts = files.filter((path) => /^(README\.md|docs\/.*\.md|prompts\/.*\.md|skills\/.*\.md)$/.test(path));

describe('what our texts name is real', () => {
  it.each(texts)('in %s', (path) => {
    expect(textProblems({ path, kind: kindOf(path) }, textOf(path))).toEqual([]);
  });

  it("in the server's instructions", () => {
    const place: Place = { path: 'mcp-server/src/instructions.ts', kind: 'assistant' };
    expect(textProblems(place, instructions)).toEqual([]);
  });

  it('in what tools say of themselves', () => {
    const place: Place = { path: 'mcp-server/src/tools', kind: 'assistant' };
    expect(textProblems(place, tools.map(({ description }) => description).join('\n'))).toEqual([]);
  });
});

describe('a name that is not real', () => {
  it.each([
    ['`bear_machines` brings them to life', 'no tool, argument, choice or state is called "bear_machines"'],
    ['call `set_tariff(machine, cost: "1")`', 'the tool set_tariff has no argument "cost"'],
    ['run `npx tamc launch`', 'there is no command "tamc launch"'],
    ['run `npx tamc deploy --dry`', 'tamc deploy: There is no option --dry'],
    ['run `npm run lint`', 'package.json has no script "lint"'],
    ['`npx vitest run tests/nothing.test.ts`', 'there is no file tests/nothing.test.ts'],
    ['claude: `claude mcp add x -- npx tamc serve`', 'there is no command "tamc serve"'],
    ['read docs/guides/nothing.md first', 'there is no docs/guides/nothing.md'],
    ['see `canisters/nothing/`', 'there is no canisters/nothing/'],
    ['see `nothing-here.ts`', 'there is no file nothing-here.ts'],
    ['of `@tamc/nothing`', 'there is no package @tamc/nothing'],
    ['with `--everything`', 'no command has the option --everything'],
    ['`replica.time.flyBackTo(5n)`', 'nothing in the source is called "flyBackTo"'],
    ['    npx tamc nothing', 'there is no command "tamc nothing"'],
    ['```sh\nnpx tamc nothing\n```', 'there is no command "tamc nothing"'],
  ])('is told with file and line: %s', (text, problem) => {
    const place: Place = { path: 'skills/x/SKILL.md', kind: 'assistant' };
    const line = text.startsWith('```') ? 4 : 3;
    expect(textProblems(place, `# X\n\n${text}\n`)).toEqual([
      expect.stringContaining(`skills/x/SKILL.md:${line}: ${problem}`),
    ]);
  });
});

describe('what the skills give to be run', () => {
  const scratch = join(root, '.tamc', 'scratch');
  let folder = '';
  beforeAll(() => {
    mkdirSync(scratch, { recursive: true });
    folder = mkdtempSync(join(scratch, 'skill-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is a test that passes', async () => {
    const skill = textOf('skills/test-a-canister-on-the-replica/SKILL.md');
    const [, path = ''] = /Save it as `([^`]+)`/.exec(skill) ?? [];
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(skill) ?? [];
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
    const program = startProgram(['node_modules/vitest/vitest.mjs', 'run', '--root', folder]);
    expect(await program.ended, program.output()).toBe(0);
    expect(program.output()).toContain('1 passed');
  }, 120_000);

  it('is a configuration of an engine that is understood', () => {
    const skill = textOf('skills/deploy-to-a-cloud-engine/SKILL.md');
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(skill) ?? [];
    expect(parseConfiguration(json, 'main')).toMatchObject({ ok: true, value: { kind: 'engine' } });
  });
});
