// update_settings: every setting that is given is checked before the first is changed.

import { applySettings, checkSettings } from './apply-settings.ts';
import { changeOrigin, recordChange } from './history.ts';
import { updateLowMemoryHook } from './low-memory.ts';
import { defineCanisterChange, reject, reply } from './method.ts';
import { parseSettings } from './settings.ts';
import { updateSettingsArgs } from './types.ts';

export const updateSettings = defineCanisterChange({
  name: 'update_settings',
  argument: updateSettingsArgs,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllers',
  target: (argument) => argument.canister_id,
  apply: ({ world, canister, argument, request }) => {
    const parsed = parseSettings(argument.settings);
    if (!parsed.ok) return reject(parsed.error);
    const checked = checkSettings(world, canister, parsed.value);
    if (!checked.ok) return reject(checked.error);
    applySettings(canister, checked.value);
    canister.version++;
    if (parsed.value.controllers !== null) {
      const origin = changeOrigin(request.origin, request.caller, argument.sender_canister_version);
      recordChange(world, canister, origin, { kind: 'controllersChange', controllers: [...canister.controllers] });
    }
    updateLowMemoryHook(world, canister);
    return reply(null);
  },
});
