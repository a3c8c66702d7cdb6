// The same facts as the drawing, for programs and for the page: ids as text, amounts and times as digits.
import { principalToText } from '@tamc/protocol/principal';
import type { Waiting } from '../approve/waiting.ts';
import type { Status } from './status.ts';

export function statusToJson({ network, owner, nowNs, machines, waiting }: Status) {
  return {
    network,
    owner: owner === null ? null : principalToText(owner),
    timeNs: String(nowNs),
    machines: machines.map(({ id, operator, earned, lastReportNs, ...rest }) => ({
      id: principalToText(id),
      operator: principalToText(operator),
      isYours: operator === owner,
      ...rest,
      earned: String(earned),
      lastReportNs: lastReportNs === null ? null : String(lastReportNs),
    })),
    waiting: waiting.map(waitingToJson),
  };
}

export function waitingToJson({ machine, name, request, text, hash, expiresNs, problem }: Waiting) {
  const expires = String(expiresNs);
  return { machine: principalToText(machine), name, request, text, payloadHash: hash, expiresNs: expires, problem };
}
