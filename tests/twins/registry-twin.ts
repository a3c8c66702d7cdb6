// The registry on pure rules.
import type { Result } from '@tamc/base/result';
import { parseMandateTerms } from '@tamc/protocol/mandate';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { RegistryEvent } from '@tamc/protocol/registry';
import { bytesToHash, candidToCompute, candidToSettings, RegistryInitType } from '@tamc/protocol/registry-candid';
import { resumeBirths, settleBirth } from '@tamc/registry/birth-steps';
import { orderBirths } from '@tamc/registry/births';
import { approveCode, retireCode } from '@tamc/registry/code';
import { registryDefinition } from '@tamc/registry/definition';
import {
  acceptGovernance,
  allowOperator,
  offerGovernance,
  openRegistry,
  setBirthTerms,
} from '@tamc/registry/governance';
import { addLedger, retireLedger } from '@tamc/registry/ledgers';
import { changeOperator } from '@tamc/registry/operators';
import { cyclesToSpend } from '@tamc/registry/pages';
import { revokeStandingMandate, setStandingMandate } from '@tamc/registry/standing-mandates';
import type { RegistryTables } from '@tamc/registry/state';
import { compareFirst, resumeUpgrade, startUpgrade } from '@tamc/registry/upgrades';
import type { Methods } from '../../stack/src/candid/parse-did.ts';
import { createTwin, type Given, type ShellTwin, type TwinRules } from './shell-twin.ts';

const orNull = ([principal]: [] | [Given]): PrincipalHex | null =>
  principal === undefined ? null : principalToHex(principal);

const birthOf = ({ operator, kind, ...birth }: Given) => ({ ...birth, machineKind: kind, operator: orNull(operator) });

const codeOf = ({ kind, version, module_hash, chunk_hashes, candid, layout }: Given) => ({
  codeKind: kind,
  version,
  moduleHash: bytesToHash(module_hash),
  chunkHashes: chunk_hashes.map(bytesToHash),
  candid,
  layout,
});

function rules({ perform, once, balance }: ShellTwin<RegistryTables, RegistryEvent>): TwinRules {
  return {
    begin: (given) => {
      perform(openRegistry, candidToSettings(given));
    },
    goOn: (resume) => resume(),
    methods: {
      offer_governance: (to) => perform(offerGovernance, { to: orNull(to) }),
      accept_governance: () => perform(acceptGovernance, null),
      set_birth_terms: ({ births_per_caller, birth_cycles, compute }) =>
        perform(setBirthTerms, {
          birthsPerCaller: births_per_caller,
          birthCycles: birth_cycles,
          compute: candidToCompute(compute),
        }),
      allow_operator: (operator, births) => perform(allowOperator, { operator: principalToHex(operator), births }),
      set_standing_mandate: ({ delegate, terms }) =>
        perform(setStandingMandate, { delegate: principalToHex(delegate), terms: parseMandateTerms(terms) }),
      revoke_standing_mandate: (delegate) => perform(revokeStandingMandate, { delegate: principalToHex(delegate) }),
      approve_code: (given) => perform(approveCode, codeOf(given)),
      retire_code: (hash) => perform(retireCode, { moduleHash: bytesToHash(hash) }),
      add_ledger: ({ id, home, ...ledger }) => perform(addLedger, { ...ledger, id: principalToHex(id), isHome: home }),
      retire_ledger: (id) => perform(retireLedger, { id: principalToHex(id) }),
      bear: ({ command_id, module_hash: [hash], births }) =>
        once(command_id, orderBirths, {
          moduleHash: hash === undefined ? null : bytesToHash(hash),
          births: births.map(birthOf),
          cyclesAvailable: cyclesToSpend(balance()),
        }),
      resume_births: (births) =>
        perform(resumeBirths, { births: [...births], cyclesAvailable: cyclesToSpend(balance()) }),
      settle_birth: (birth, canister) => perform(settleBirth, { birth, canister: orNull(canister) }),
      operator_changed: ({ operator, handover }) =>
        perform(changeOperator, { operator: principalToHex(operator), handover }),
      upgrade: ({ machine, module_hash }): Result<string, Refusal> => {
        const command = { machine: principalToHex(machine), moduleHash: bytesToHash(module_hash) };
        perform(compareFirst, command);
        return perform(startUpgrade, command);
      },
      resume_upgrade: (upgrade) => perform(resumeUpgrade, { upgrade }),
    },
  };
}

export function createRegistryTwin(self: PrincipalHex, methods: Methods) {
  const parts = { self, definition: registryDefinition, interface: methods, initTypes: [RegistryInitType] };
  return { twin: createTwin({ ...parts, rules }), layout: registryDefinition.tables.layout, interface: methods };
}
