import type { PrincipalHex } from '@tamc/protocol/principal';
import { principalToText } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import { stopTool } from './stop.ts';

const machine = principalToText('00000000000000010101' as PrincipalHex);
const urgency = (release?: unknown) =>
  stopTool.urgency?.({ machine, ...(release !== undefined && { release }) }) ?? null;

it('a stop is urgent whatever is said of its release, unless that could be meant', () => {
  for (const none of [undefined, null, '', false, 'false']) expect(urgency(none)).toMatchObject({ act: 'stop' });
  for (const release of [true, 'true', 'yes', 1, {}]) expect(urgency(release)).toBeNull();
});
