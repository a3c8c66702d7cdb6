// What an assistant's one-time codes are made from: of its key, so that whoever repeats a call after a restart gets the same code.
import { createHmac } from 'node:crypto';
import { type Ed25519KeyIdentity, seedOf } from '@tamc/client/identity';

export function codeKeyOf(identity: Ed25519KeyIdentity): Uint8Array {
  return new Uint8Array(createHmac('sha256', seedOf(identity)).update('tamc: codes for devices').digest());
}
