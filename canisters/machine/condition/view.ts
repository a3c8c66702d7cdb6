// What a reader sees of condition and meters.
import { bytesOf, optionOf, wordOf } from '../candid.ts';
import type { MachineTables } from '../state.ts';

export function conditionsToCandid(tables: MachineTables) {
  return tables.partNames.get().map((part) => {
    const { device, atNs, verdict, confidencePpm, wearPpm, fault, modelHash, inputDigest } =
      tables.conditions.get(part)!;
    return {
      part,
      device,
      verdict: wordOf(verdict),
      confidence_ppm: confidencePpm,
      wear_ppm: optionOf(wearPpm),
      fault: optionOf(fault),
      model_hash: bytesOf(modelHash),
      input_digest: bytesOf(inputDigest),
      at_ns: atNs,
    };
  });
}

export function metersToCandid(tables: MachineTables) {
  return tables.meterNames.get().map((meter) => {
    const { device, atNs, value, unit, evidence } = tables.meters.get(meter)!;
    return { meter, device, value, unit, evidence: bytesOf(evidence), at_ns: atNs };
  });
}
