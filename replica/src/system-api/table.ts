// The System API: every function of ic0, in the order of the specification's table (canister-interface.md, "Overview of
// imports"), with the entry points it may be called from and the handler that does it.
import * as args from './arguments.ts';
import * as call from './call.ts';
import { callPerform } from './call-perform.ts';
import * as caller from './caller.ts';
import * as certified from './certified-data.ts';
import * as cost from './cost.ts';
import * as cycles from './cycles.ts';
import * as debug from './debug.ts';
import * as inspect from './inspect.ts';
import * as reply from './reply.ts';
import * as self from './self.ts';
import { type ApiFunction, defineFunction as define } from './signature.ts';
import * as stable from './stable.ts';
import * as time from './time.ts';
import * as variables from './variables.ts';

/** (dst, offset, size) */
const copy = ['I', 'I', 'I'] as const;
/** (src, size) */
const blob = ['I', 'I'] as const;

const withArgument = 'I U RQ NRQ TQ CQ Ry CRy F';
const withCallerInfo = 'U RQ NRQ CQ Ry Rt CRy CRt C CC F';
const withReply = 'U RQ NRQ TQ CQ Ry Rt CRy CRt';
const withCalls = 'U CQ Ry Rt CRy CRt T';
const withRootKey = 'I G U RQ Ry Rt C T';

// name, parameters, result, entry points, handler, instructions (500 unless given)
export const apiTable: readonly ApiFunction[] = [
  define('msg_arg_data_size', [], 'I', withArgument, args.msgArgDataSize),
  define('msg_arg_data_copy', copy, null, withArgument, args.msgArgDataCopy),
  define('msg_caller_size', [], 'I', '*', caller.msgCallerSize),
  define('msg_caller_copy', copy, null, '*', caller.msgCallerCopy),
  define('msg_caller_info_data_size', [], 'I', withCallerInfo, caller.msgCallerInfoDataSize),
  define('msg_caller_info_data_copy', copy, null, withCallerInfo, caller.msgCallerInfoDataCopy),
  define('msg_caller_info_signer_size', [], 'I', withCallerInfo, caller.msgCallerInfoSignerSize),
  define('msg_caller_info_signer_copy', copy, null, withCallerInfo, caller.msgCallerInfoSignerCopy),
  define('msg_reject_code', [], 'i32', 'Ry Rt CRy CRt C', args.msgRejectCode),
  define('msg_reject_msg_size', [], 'I', 'Rt CRt', args.msgRejectMsgSize),
  define('msg_reject_msg_copy', copy, null, 'Rt CRt', args.msgRejectMsgCopy),

  // The specification writes Q; only updates and their callbacks ever see another deadline than 0.
  define('msg_deadline', [], 'i64', 'U RQ NRQ CQ Ry Rt CRy CRt', args.msgDeadline),

  define('msg_reply_data_append', blob, null, withReply, reply.msgReplyDataAppend),
  define('msg_reply', [], null, withReply, reply.msgReply),
  define('msg_reject', blob, null, withReply, reply.msgReject),

  define('msg_cycles_available128', ['I'], null, 'U RQ Rt Ry', cycles.msgCyclesAvailable128),
  define('msg_cycles_refunded128', ['I'], null, 'Rt Ry', cycles.msgCyclesRefunded128),
  define('msg_cycles_accept128', ['i64', 'i64', 'I'], null, 'U RQ Rt Ry', cycles.msgCyclesAccept128),

  define('cycles_burn128', ['i64', 'i64', 'I'], null, 'I G U RQ Ry Rt C T', cycles.cyclesBurn128),

  define('canister_self_size', [], 'I', '*', self.canisterSelfSize),
  define('canister_self_copy', copy, null, '*', self.canisterSelfCopy),
  define('canister_cycle_balance128', ['I'], null, '*', cycles.canisterCycleBalance128),
  define('canister_liquid_cycle_balance128', ['I'], null, '*', cycles.canisterLiquidCycleBalance128),
  define('canister_status', [], 'i32', '*', self.canisterStatus),
  define('canister_version', [], 'i64', '*', self.canisterVersion),

  define('subnet_self_size', [], 'I', '*', self.subnetSelfSize),
  define('subnet_self_copy', copy, null, '*', self.subnetSelfCopy),
  define('subnet_self_node_count', [], 'i32', '*', self.subnetSelfNodeCount),

  define('msg_method_name_size', [], 'I', 'F', inspect.msgMethodNameSize),
  define('msg_method_name_copy', copy, null, 'F', inspect.msgMethodNameCopy),
  define('accept_message', [], null, 'F', inspect.acceptMessage),

  define('call_new', ['I', 'I', 'I', 'I', 'I', 'env', 'I', 'env'], null, withCalls, call.callNew, 1_500),
  define('call_on_cleanup', ['I', 'env'], null, withCalls, call.callOnCleanup),
  define('call_data_append', blob, null, withCalls, call.callDataAppend),
  define('call_with_best_effort_response', ['i32'], null, withCalls, call.callWithBestEffortResponse),
  define('call_cycles_add128', ['i64', 'i64'], null, 'U Ry Rt T', call.callCyclesAdd128),
  define('call_perform', [], 'i32', withCalls, callPerform, 5_000),

  define('stable64_size', [], 'i64', '* s', stable.stable64Size, 20),
  define('stable64_grow', ['i64'], 'i64', '* s', stable.stable64Grow),
  define('stable64_write', ['i64', 'i64', 'i64'], null, '* s', stable.stable64Write, 20),
  define('stable64_read', ['i64', 'i64', 'i64'], null, '* s', stable.stable64Read, 20),

  define('root_key_size', [], 'I', withRootKey, self.rootKeySize),
  define('root_key_copy', copy, null, withRootKey, self.rootKeyCopy),
  define('certified_data_set', blob, null, 'I G U Ry Rt T', certified.certifiedDataSet),
  define('data_certificate_present', [], 'i32', '*', certified.dataCertificatePresent),
  define('data_certificate_size', [], 'I', 'NRQ CQ', certified.dataCertificateSize),
  define('data_certificate_copy', copy, null, 'NRQ CQ', certified.dataCertificateCopy),

  define('time', [], 'i64', '*', time.time),
  define('global_timer_set', ['i64'], 'i64', 'I G U Ry Rt C T', time.globalTimerSet),
  define('performance_counter', ['i32'], 'i64', '* s', time.performanceCounter, 200),
  define('is_controller', blob, 'i32', '* s', self.isController, 1_000),
  define('in_replicated_execution', [], 'i32', '* s', self.inReplicatedExecution),

  define('cost_call', ['i64', 'i64', 'I'], null, '* s', cost.costCall),
  define('cost_create_canister', ['I'], null, '* s', cost.costCreateCanister),
  define('cost_http_request', ['i64', 'i64', 'I'], null, '* s', cost.costHttpRequest),
  define('cost_http_request_v2', copy, null, '* s', cost.costHttpRequestV2, 10_000),
  define('cost_sign_with_ecdsa', ['I', 'I', 'i32', 'I'], 'i32', '* s', cost.costSignWithEcdsa),
  define('cost_sign_with_schnorr', ['I', 'I', 'i32', 'I'], 'i32', '* s', cost.costSignWithSchnorr),
  define('cost_vetkd_derive_key', ['I', 'I', 'i32', 'I'], 'i32', '* s', cost.costVetkdDeriveKey),

  define('env_var_count', [], 'I', '*', variables.envVarCount),
  define('env_var_name_size', ['I'], 'I', '*', variables.envVarNameSize),
  define('env_var_name_copy', ['I', 'I', 'I', 'I'], null, '*', variables.envVarNameCopy),
  define('env_var_name_exists', blob, 'i32', '*', variables.envVarNameExists),
  define('env_var_value_size', blob, 'I', '*', variables.envVarValueSize),
  define('env_var_value_copy', ['I', 'I', 'I', 'I', 'I'], null, '*', variables.envVarValueCopy),

  define('debug_print', blob, null, '* s', debug.debugPrint, 100),
  define('trap', blob, null, '* s', debug.trap),
];

/** Only where I = i32. */
export const apiTable32: readonly ApiFunction[] = [
  define('msg_cycles_available', [], 'i64', 'U RQ Rt Ry', cycles.msgCyclesAvailable),
  define('msg_cycles_refunded', [], 'i64', 'Rt Ry', cycles.msgCyclesRefunded),
  define('msg_cycles_accept', ['i64'], 'i64', 'U RQ Rt Ry', cycles.msgCyclesAccept),
  define('canister_cycle_balance', [], 'i64', '*', cycles.canisterCycleBalance),
  define('call_cycles_add', ['i64'], null, 'U Ry Rt T', call.callCyclesAdd),
  define('stable_size', [], 'i32', '* s', stable.stableSize, 20),
  define('stable_grow', ['i32'], 'i32', '* s', stable.stableGrow),
  define('stable_write', ['i32', 'i32', 'i32'], null, '* s', stable.stableWrite, 20),
  define('stable_read', ['i32', 'i32', 'i32'], null, '* s', stable.stableRead, 20),
];

/** Beyond the specification, but linked by DFINITY's replica, so that modules naming them still install. */
export const apiTableExtra: readonly ApiFunction[] = [
  define('mint_cycles128', ['i64', 'i64', 'I'], null, 'U Ry Rt T', cycles.mintCycles128),
];
