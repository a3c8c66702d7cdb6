// The specification's table of imports (canister-interface.md, "Overview of imports"), typed off a second time as test data:
// names, types and entry points, to hold the real table against. `Q` of msg_deadline is read as RQ and NRQ.

export interface SpecificationRow {
  readonly name: string;
  readonly type: string;
  readonly from: readonly string[];
  /** Only available where I = i32. */
  readonly only32: boolean;
}

const rows = `
msg_arg_data_size : () -> I // I U RQ NRQ TQ CQ Ry CRy F
msg_arg_data_copy : (dst: I, offset: I, size: I) -> () // I U RQ NRQ TQ CQ Ry CRy F
msg_caller_size : () -> I // *
msg_caller_copy : (dst: I, offset: I, size: I) -> () // *
msg_caller_info_data_size : () -> I // U RQ NRQ CQ Ry Rt CRy CRt C CC F
msg_caller_info_data_copy : (dst: I, offset: I, size: I) -> () // U RQ NRQ CQ Ry Rt CRy CRt C CC F
msg_caller_info_signer_size : () -> I // U RQ NRQ CQ Ry Rt CRy CRt C CC F
msg_caller_info_signer_copy : (dst: I, offset: I, size: I) -> () // U RQ NRQ CQ Ry Rt CRy CRt C CC F
msg_reject_code : () -> i32 // Ry Rt CRy CRt C
msg_reject_msg_size : () -> I // Rt CRt
msg_reject_msg_copy : (dst: I, offset: I, size: I) -> () // Rt CRt
msg_deadline : () -> i64 // U RQ NRQ CQ Ry Rt CRy CRt
msg_reply_data_append : (src: I, size: I) -> () // U RQ NRQ TQ CQ Ry Rt CRy CRt
msg_reply : () -> () // U RQ NRQ TQ CQ Ry Rt CRy CRt
msg_reject : (src: I, size: I) -> () // U RQ NRQ TQ CQ Ry Rt CRy CRt
msg_cycles_available128 : (dst: I) -> () // U RQ Rt Ry
msg_cycles_refunded128 : (dst: I) -> () // Rt Ry
msg_cycles_accept128 : (max_amount_high: i64, max_amount_low: i64, dst: I) -> () // U RQ Rt Ry
cycles_burn128 : (amount_high: i64, amount_low: i64, dst: I) -> () // I G U RQ Ry Rt C T
canister_self_size : () -> I // *
canister_self_copy : (dst: I, offset: I, size: I) -> () // *
canister_cycle_balance128 : (dst: I) -> () // *
canister_liquid_cycle_balance128 : (dst: I) -> () // *
canister_status : () -> i32 // *
canister_version : () -> i64 // *
subnet_self_size : () -> I // *
subnet_self_copy : (dst: I, offset: I, size: I) -> () // *
subnet_self_node_count : () -> i32 // *
msg_method_name_size : () -> I // F
msg_method_name_copy : (dst: I, offset: I, size: I) -> () // F
accept_message : () -> () // F
call_new : (callee_src: I, callee_size: I, name_src: I, name_size: I, reply_fun: I, reply_env: I, reject_fun: I, reject_env: I) -> () // U CQ Ry Rt CRy CRt T
call_on_cleanup : (fun: I, env: I) -> () // U CQ Ry Rt CRy CRt T
call_data_append : (src: I, size: I) -> () // U CQ Ry Rt CRy CRt T
call_with_best_effort_response : (timeout_seconds: i32) -> () // U CQ Ry Rt CRy CRt T
call_cycles_add128 : (amount_high: i64, amount_low: i64) -> () // U Ry Rt T
call_perform : () -> (err_code: i32) // U CQ Ry Rt CRy CRt T
stable64_size : () -> (page_count: i64) // * s
stable64_grow : (new_pages: i64) -> (old_page_count: i64) // * s
stable64_write : (offset: i64, src: i64, size: i64) -> () // * s
stable64_read : (dst: i64, offset: i64, size: i64) -> () // * s
root_key_size : () -> I // I G U RQ Ry Rt C T
root_key_copy : (dst: I, offset: I, size: I) -> () // I G U RQ Ry Rt C T
certified_data_set : (src: I, size: I) -> () // I G U Ry Rt T
data_certificate_present : () -> i32 // *
data_certificate_size : () -> I // NRQ CQ
data_certificate_copy : (dst: I, offset: I, size: I) -> () // NRQ CQ
time : () -> (timestamp: i64) // *
global_timer_set : (timestamp: i64) -> i64 // I G U Ry Rt C T
performance_counter : (counter_type: i32) -> (counter: i64) // * s
is_controller : (src: I, size: I) -> (result: i32) // * s
in_replicated_execution : () -> (result: i32) // * s
cost_call : (method_name_size: i64, payload_size: i64, dst: I) -> () // * s
cost_create_canister : (dst: I) -> () // * s
cost_http_request : (request_size: i64, max_res_bytes: i64, dst: I) -> () // * s
cost_http_request_v2 : (params_src: I, params_size: I, dst: I) -> () // * s
cost_sign_with_ecdsa : (src: I, size: I, ecdsa_curve: i32, dst: I) -> i32 // * s
cost_sign_with_schnorr : (src: I, size: I, algorithm: i32, dst: I) -> i32 // * s
cost_vetkd_derive_key : (src: I, size: I, vetkd_curve: i32, dst: I) -> i32 // * s
env_var_count : () -> I // *
env_var_name_size : (index: I) -> I // *
env_var_name_copy : (index: I, dst: I, offset: I, size: I) -> () // *
env_var_name_exists : (name_src: I, name_size: I) -> i32 // *
env_var_value_size : (name_src: I, name_size: I) -> I // *
env_var_value_copy : (name_src: I, name_size: I, dst: I, offset: I, size: I) -> () // *
debug_print : (src: I, size: I) -> () // * s
trap : (src: I, size: I) -> () // * s
only I = i32
msg_cycles_available : () -> i64 // U RQ Rt Ry
msg_cycles_refunded : () -> i64 // Rt Ry
msg_cycles_accept : (max_amount: i64) -> (amount: i64) // U RQ Rt Ry
canister_cycle_balance : () -> i64 // *
call_cycles_add : (amount: i64) -> () // U Ry Rt T
stable_size : () -> (page_count: i32) // * s
stable_grow : (new_pages: i32) -> (old_page_count: i32) // * s
stable_write : (offset: i32, src: i32, size: i32) -> () // * s
stable_read : (dst: i32, offset: i32, size: i32) -> () // * s
`;

/** All but (start). */
const star = 'I G U RQ NRQ TQ CQ Ry Rt CRy CRt C CC F T';

function parseRow(line: string, only32: boolean): SpecificationRow {
  const [, name, type, from] = /^(\w+) : (.*) \/\/ (.*)$/.exec(line)!;
  return { name: name!, type: type!, from: from!.replace('*', star).split(' '), only32 };
}

const [everywhere, narrow] = rows.trim().split('only I = i32\n');

export const specificationMatrix: readonly SpecificationRow[] = [
  ...everywhere!
    .trim()
    .split('\n')
    .map((line) => parseRow(line, false)),
  ...narrow!
    .trim()
    .split('\n')
    .map((line) => parseRow(line, true)),
];
