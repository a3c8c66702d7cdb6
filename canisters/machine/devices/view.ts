// What a reader sees of devices.
import { hexToPrincipal } from '@tamc/protocol/principal';
import { bytesOf, optionOf } from '../candid.ts';
import type { MachineTables } from '../state.ts';
import { liveEnrolments } from './rules.ts';

export function devicesToCandid(tables: MachineTables) {
  return tables.fleet.get().devices.map((number) => {
    const { key, nextKey, label, enrolledNs, lastSequence, lastReportNs } = tables.devices.get(number)!;
    return {
      device: number,
      key: hexToPrincipal(key),
      next_key: optionOf(nextKey).map(hexToPrincipal),
      label,
      enrolled_ns: enrolledNs,
      last_sequence: lastSequence,
      last_report_ns: optionOf(lastReportNs),
    };
  });
}

export function enrolmentsToCandid(tables: MachineTables, nowNs: bigint) {
  return liveEnrolments(tables, nowNs).map(({ codeHash, label, expiresNs }) => {
    return { code_hash: bytesOf(codeHash), label, expires_ns: expiresNs };
  });
}
