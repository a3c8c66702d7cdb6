// Who may do what with a canister: controllers, subnet admins, the canister itself, and whom a visibility names.
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { Canister, Visibility } from '../state/canister.ts';
import type { World } from '../state/world.ts';
import { notController } from './refusals.ts';

/** `self`: the canister itself besides its controllers. `status`: whom `status_visibility` lets see. */
export type Access = 'controllers' | 'controllersAndSelf' | 'controllersAndAdmins' | 'status';

export function refusalOfAccess(world: World, canister: Canister, caller: Principal, access: Access): Reject | null {
  return hasAccess(world, canister, caller, access) ? null : notController(canister, caller);
}

export function hasAccess(world: World, canister: Canister, caller: Principal, access: Access): boolean {
  if (isController(canister, caller)) return true;
  switch (access) {
    case 'controllers':
      return false;
    case 'controllersAndSelf':
      return caller === canister.id;
    case 'controllersAndAdmins':
      return isAdmin(world, caller);
    case 'status':
      return caller === canister.id || isAdmin(world, caller) || isVisible(canister.settings.statusVisibility, caller);
  }
}

export function isController(canister: Canister, caller: Principal): boolean {
  return canister.controllers.includes(caller);
}

export function isAdmin(world: World, caller: Principal): boolean {
  return adminsOf(world).includes(caller);
}

export function adminsOf(world: World): readonly Principal[] {
  return world.subnet.admins ?? [];
}

/** Whether `caller`, not being a controller, is let see what the setting governs. */
export function isVisible(visibility: Visibility, caller: Principal): boolean {
  if (visibility.kind === 'allowedViewers') return visibility.viewers.includes(caller);
  return visibility.kind === 'public';
}
