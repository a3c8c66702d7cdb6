import { parseText, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { createAnswerWait } from './answer-wait.ts';
import { createCoreDouble, doubleStartNs } from './core-double.ts';
import { createHandler } from './handler.ts';
import { send, shown } from './request-double.ts';

/** A clock that notes what is done to it. */
function createClient({ isVirtual = true }: { isVirtual?: boolean } = {}) {
  const core = createCoreDouble();
  const done: string[] = [];
  const time = {
    nowNs: () => core.timeNs,
    isVirtual: () => isVirtual,
    setNs: (timeNs: bigint) => {
      core.timeNs = timeNs;
      done.push(`set ${timeNs - doubleStartNs}`);
    },
    tick: async () => {
      done.push('tick');
    },
  };
  const { waitForAnswer } = createAnswerWait();
  const handler = createHandler({ ...core, time }, { replicaVersion: '1.2.3', waitForAnswer, log: () => undefined });
  const post = (body: string) => send(handler, 'POST', '/_/time', textToBytes(body));
  return { core, done, handler, post };
}

const shownTime = (timeNs: bigint, virtual = true) => `200 ${JSON.stringify({ timeNs: String(timeNs), virtual })}`;

describe('the address of time', () => {
  it('tells the time and whether it can be turned [time.http]', async () => {
    for (const isVirtual of [true, false]) {
      const { handler } = createClient({ isVirtual });
      const response = await send(handler, 'GET', '/_/time');
      expect(response.headers['content-type']).toBe('application/json');
      expect(shown(response)).toBe(shownTime(doubleStartNs, isVirtual));
    }
  });

  it.each([
    ['a time', { setNs: String(doubleStartNs + 7n) }, 7n, ['set 7', 'tick']],
    ['a duration', { advanceNs: '60000000000' }, 60_000_000_000n, ['set 60000000000', 'tick']],
    ['rounds', { ticks: 3 }, 0n, ['tick', 'tick', 'tick']],
    ['rounds at a time', { ticks: 2, advanceNs: '5' }, 5n, ['set 5', 'tick', 'tick']],
    ['a time and no round', { advanceNs: '5', ticks: 0 }, 5n, ['set 5']],
  ])('takes %s: time first, then rounds [time.http]', async (_, request, movedNs, expected) => {
    const { done, post } = createClient();
    expect(shown(await post(JSON.stringify(request)))).toBe(shownTime(doubleStartNs + movedNs));
    expect(done).toEqual(expected);
  });

  it.each([
    ['', /not a JSON object/],
    ['{"setNs":', /not a JSON object/],
    ['[]', /not a JSON object/],
    ['null', /not a JSON object/],
    ['7', /not a JSON object/],
    ['{}', /nothing to do/],
    ['{"__proto__":{"ticks":1}}', /no field "__proto__"/],
    ['{"advanceMs":"5"}', /no field "advanceMs"\. Send /],
    ['{"setNs":"1900000000000000000","advanceNs":"1"}', /not both/],
    ['{"advanceNs":5}', /advanceNs must be .* string/],
    ['{"advanceNs":null}', /advanceNs must be/],
    ['{"advanceNs":"-5"}', /advanceNs must be/],
    ['{"advanceNs":" 5"}', /advanceNs must be/],
    ['{"advanceNs":"5\\n"}', /advanceNs must be/],
    ['{"advanceNs":"0x5"}', /advanceNs must be/],
    ['{"advanceNs":"1e9"}', /advanceNs must be/],
    ['{"advanceNs":""}', /advanceNs must be/],
    ['{"setNs":"07"}', /setNs must be/],
    [`{"setNs":"${'9'.repeat(500)}"}`, /setNs must be/],
    ['{"setNs":"5"}', /cannot go back from 1700000000000000000 to 5/],
    ['{"setNs":"9223372036854775808"}', /Time ends at 9223372036854775807/],
    ['{"advanceNs":"9000000000000000000"}', /Time ends at/],
    ['{"ticks":"1"}', /ticks must be/],
    ['{"ticks":null}', /ticks must be/],
    ['{"ticks":-1}', /ticks must be/],
    ['{"ticks":1.5}', /ticks must be/],
    ['{"ticks":1e999}', /ticks must be/],
    ['{"advanceNs":"5","ticks":101}', /from 0 to 100/],
    [`{"ticks":1}${' '.repeat(1024)}`, /more than 1024 bytes/],
  ])('refuses %s and moves nothing [time.http]', async (body, reason) => {
    const { done, post } = createClient();
    const answer = await post(body);
    expect([answer.status, done]).toEqual([400, []]);
    expect(parseText(answer.body)).toMatch(reason);
  });

  it('says what to do where time is real [time.http]', async () => {
    const { done, post } = createClient({ isVirtual: false });
    expect(shown(await post('{"ticks":1}'))).toMatch(/^400 .* clock of the machine.* --virtual-time/);
    expect(done).toEqual([]);
  });

  it('takes two methods and says so', async () => {
    const { handler } = createClient();
    const other = await send(handler, 'PUT', '/_/time');
    expect([shown(other), other.headers.allow]).toEqual([
      '405 /_/time takes GET and POST, not PUT.',
      'GET, POST, OPTIONS',
    ]);
    expect((await send(handler, 'HEAD', '/_/time')).status).toBe(200);
    expect((await send(handler, 'OPTIONS', '/_/time')).status).toBe(204);
  });
});
