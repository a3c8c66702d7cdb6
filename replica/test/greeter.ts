// A small canister in WebAssembly text, for tests through public clients: it replies, traps, rejects, counts and says
// who called.
import wabtInit from 'wabt';

/** Candid bytes as a WebAssembly string: DIDL, no types, the argument types, then the values. */
const candidText = (text: string) => `DIDL\\00\\01\\71\\${text.length.toString(16).padStart(2, '0')}${text}`;

const wat = `(module
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reject" (func $msg_reject (param i32 i32)))
  (import "ic0" "msg_caller_size" (func $caller_size (result i32)))
  (import "ic0" "msg_caller_copy" (func $caller_copy (param i32 i32 i32)))
  (import "ic0" "trap" (func $trap (param i32 i32)))
  (import "ic0" "accept_message" (func $accept))
  (import "ic0" "msg_method_name_size" (func $method_name_size (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "${candidText('hello')}")
  (data (i32.const 100) "not today")
  (data (i32.const 200) "boom")
  ;; (principal): DIDL 0 1 68 01, then length and bytes
  (data (i32.const 300) "DIDL\\00\\01\\68\\01")
  ;; (nat): the count stands in the last byte
  (data (i32.const 400) "DIDL\\00\\01\\7d\\00")
  (func $hello (call $append (i32.const 0) (i32.const 13)) (call $msg_reply))
  (func $whoami
    (i32.store8 (i32.const 308) (call $caller_size))
    (call $caller_copy (i32.const 309) (i32.const 0) (call $caller_size))
    (call $append (i32.const 300) (i32.add (i32.const 9) (call $caller_size)))
    (call $msg_reply))
  (func $count
    (i32.store8 (i32.const 407) (i32.add (i32.const 1) (i32.load8_u (i32.const 407))))
    (call $append (i32.const 400) (i32.const 8)) (call $msg_reply))
  (func $boom (call $trap (i32.const 200) (i32.const 4)))
  (func $refuse (call $msg_reject (i32.const 100) (i32.const 9)))
  ;; everything is accepted but methods whose name has exactly nine letters: "forbidden"
  (func (export "canister_inspect_message")
    (if (i32.ne (call $method_name_size) (i32.const 9)) (then (call $accept))))
  (export "canister_update hello" (func $hello))
  (export "canister_query hello_query" (func $hello))
  (export "canister_update whoami" (func $whoami))
  (export "canister_query whoami_query" (func $whoami))
  (export "canister_update count" (func $count))
  (export "canister_update boom" (func $boom))
  (export "canister_query boom_query" (func $boom))
  (export "canister_update refuses" (func $refuse))
  (export "canister_query refuses_query" (func $refuse))
  (export "canister_update forbidden" (func $hello)))`;

export const greeterCandid = 'service : { hello : () -> (text) }';

function customSection(name: string, content: string): Uint8Array {
  const nameBytes = Buffer.from(name);
  const body = Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from(content)]);
  return Buffer.concat([Buffer.from([0, body.length]), body]);
}

/** With a public section `candid:service` and a private section `secret`. */
export async function buildGreeter(): Promise<Uint8Array> {
  const wabt = await wabtInit();
  const module = wabt.parseWat('greeter.wat', wat);
  const { buffer } = module.toBinary({});
  module.destroy();
  return new Uint8Array([
    ...buffer,
    ...customSection('icp:public candid:service', greeterCandid),
    ...customSection('icp:private secret', 'for controllers'),
  ]);
}
