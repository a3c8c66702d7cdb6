// What everybody may know of a canister: canister_info (history, module hash, controllers) and canister_metadata.
import { ok, refuse } from '@tamc/base/result';
import { type Principal, principalToText } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import type { ChangeDetails, ChangeRecord } from '../state/canister.ts';
import { isController } from './access.ts';
import { defineCanisterRead } from './method.ts';
import { moduleHashOf } from './status.ts';
import {
  type ChangeValue,
  canisterInfoArgs,
  canisterInfoResult,
  canisterMetadataArgs,
  canisterMetadataResult,
} from './types.ts';

export const canisterInfo = defineCanisterRead({
  name: 'canister_info',
  argument: canisterInfoArgs,
  result: canisterInfoResult,
  ingress: false,
  canisters: true,
  queries: true,
  access: 'anyone',
  target: (argument) => argument.canister_id,
  read: ({ canister, argument }) => {
    const { history } = canister;
    const requested = argument.num_requested_changes ?? 0n;
    const count = requested > BigInt(history.length) ? history.length : Number(requested);
    return ok({
      total_num_changes: canister.totalChanges,
      recent_changes: history.slice(history.length - count).map(toChange),
      module_hash: moduleHashOf(canister),
      controllers: canister.controllers,
    });
  },
});

function toChange(record: ChangeRecord): ChangeValue {
  const { origin } = record;
  return {
    timestamp_nanos: record.timestampNs,
    canister_version: record.canisterVersion,
    origin:
      origin.kind === 'user'
        ? { tag: 'from_user', value: { user_id: origin.userId } }
        : {
            tag: 'from_canister',
            value: { canister_id: origin.canisterId, canister_version: origin.canisterVersion },
          },
    details: toDetails(record.details),
  };
}

function toDetails(details: ChangeDetails): ChangeValue['details'] {
  switch (details.kind) {
    case 'creation':
      return {
        tag: 'creation',
        value: { controllers: details.controllers, environment_variables_hash: details.environmentVariablesHash },
      };
    case 'codeUninstall':
      return { tag: 'code_uninstall', value: null };
    case 'codeDeployment':
      return {
        tag: 'code_deployment',
        value: { mode: { tag: details.mode, value: null }, module_hash: details.moduleHash },
      };
    case 'controllersChange':
      return { tag: 'controllers_change', value: { controllers: details.controllers } };
  }
}

export const canisterMetadata = defineCanisterRead({
  name: 'canister_metadata',
  argument: canisterMetadataArgs,
  result: canisterMetadataResult,
  ingress: false,
  canisters: true,
  queries: false,
  access: 'anyone',
  target: (argument) => argument.canister_id,
  read: ({ world, canister, argument, caller }) => {
    if (canister.code === null) return refuse(noModule(canister.id));
    const { customSections } = world.modules.get(canister.code.moduleHash);
    const section = customSections.find(({ name }) => name === argument.name);
    // A private section is not told apart from none.
    if (section === undefined || (section.visibility === 'private' && !isController(canister, caller))) {
      return refuse(noSection(canister.id, argument.name));
    }
    return ok({ value: section.content });
  },
});

function noModule(id: Principal): Reject {
  const text = `The canister ${principalToText(id)} has no Wasm module and hence no metadata is available.`;
  return createReject('canisterRejectedMessage', text);
}

function noSection(id: Principal, name: string): Reject {
  const text = `The canister ${principalToText(id)} has no metadata section with the name ${name}.`;
  return createReject('canisterRejectedMessage', text);
}
