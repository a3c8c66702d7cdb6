// The Candid types of the management canister's methods, as ic.did of the specification declares them.
// Types of methods that are not offered are left out.
import {
  blob,
  bool,
  type Infer,
  nat,
  nat64,
  nullType,
  opt,
  principal,
  record,
  reserved,
  text,
  variant,
  vec,
} from '../codec/candid.ts';

// --- settings -------------------------------------------------------------------------------------------------------

/** log_visibility, snapshot_visibility and status_visibility have the same form. */
export const visibility = variant({ controllers: nullType, public: nullType, allowed_viewers: vec(principal) });
export const environmentVariable = record({ name: text, value: text });

export const canisterSettings = record({
  controllers: opt(vec(principal)),
  compute_allocation: opt(nat),
  memory_allocation: opt(nat),
  freezing_threshold: opt(nat),
  reserved_cycles_limit: opt(nat),
  minimum_incoming_canister_call_cycles: opt(nat),
  log_visibility: opt(visibility),
  log_memory_limit: opt(nat),
  snapshot_visibility: opt(visibility),
  status_visibility: opt(visibility),
  wasm_memory_limit: opt(nat),
  wasm_memory_threshold: opt(nat),
  environment_variables: opt(vec(environmentVariable)),
});
export type SettingsArgument = Infer<typeof canisterSettings>;

const definiteCanisterSettings = record({
  controllers: vec(principal),
  compute_allocation: nat,
  memory_allocation: nat,
  freezing_threshold: nat,
  reserved_cycles_limit: nat,
  minimum_incoming_canister_call_cycles: nat,
  log_visibility: visibility,
  log_memory_limit: nat,
  snapshot_visibility: visibility,
  status_visibility: visibility,
  wasm_memory_limit: nat,
  wasm_memory_threshold: nat,
  environment_variables: vec(environmentVariable),
});

// --- creation, settings, balance ------------------------------------------------------------------------------------

export const canisterIdRecord = record({ canister_id: principal });

export const createCanisterArgs = record({ settings: opt(canisterSettings), sender_canister_version: opt(nat64) });

export const provisionalCreateCanisterWithCyclesArgs = record({
  amount: opt(nat),
  settings: opt(canisterSettings),
  specified_id: opt(principal),
  sender_canister_version: opt(nat64),
});

export const provisionalTopUpCanisterArgs = record({ canister_id: principal, amount: nat });

export const updateSettingsArgs = record({
  canister_id: principal,
  settings: canisterSettings,
  sender_canister_version: opt(nat64),
});

// --- code -----------------------------------------------------------------------------------------------------------

export const chunkHash = record({ hash: blob });
export const uploadChunkArgs = record({ canister_id: principal, chunk: blob });

export const installMode = variant({
  install: nullType,
  reinstall: nullType,
  upgrade: opt(
    record({
      skip_pre_upgrade: opt(bool),
      wasm_memory_persistence: opt(variant({ keep: nullType, replace: nullType })),
    }),
  ),
});
export type InstallMode = Infer<typeof installMode>;

export const installCodeArgs = record({
  mode: installMode,
  canister_id: principal,
  wasm_module: blob,
  arg: blob,
  sender_canister_version: opt(nat64),
});

export const installChunkedCodeArgs = record({
  mode: installMode,
  target_canister: principal,
  store_canister: opt(principal),
  chunk_hashes_list: vec(chunkHash),
  wasm_module_hash: blob,
  arg: blob,
  sender_canister_version: opt(nat64),
});

export const uninstallCodeArgs = record({ canister_id: principal, sender_canister_version: opt(nat64) });

// --- what a canister is and has done --------------------------------------------------------------------------------

export const canisterStatusResult = record({
  status: variant({ running: nullType, stopping: nullType, stopped: nullType }),
  ready_for_migration: bool,
  version: nat64,
  settings: definiteCanisterSettings,
  module_hash: opt(blob),
  memory_size: nat,
  memory_metrics: record({
    wasm_memory_size: nat,
    stable_memory_size: nat,
    global_memory_size: nat,
    wasm_binary_size: nat,
    custom_sections_size: nat,
    canister_history_size: nat,
    wasm_chunk_store_size: nat,
    snapshots_size: nat,
    log_memory_store_size: nat,
  }),
  cycles: nat,
  reserved_cycles: nat,
  idle_cycles_burned_per_day: nat,
  query_stats: record({
    num_calls_total: nat,
    num_instructions_total: nat,
    request_payload_bytes_total: nat,
    response_payload_bytes_total: nat,
  }),
});

const snapshotSource = variant({ taken_from_canister: reserved, metadata_upload: reserved });

const changeDetails = variant({
  creation: record({ controllers: vec(principal), environment_variables_hash: opt(blob) }),
  code_uninstall: nullType,
  code_deployment: record({
    mode: variant({ install: nullType, reinstall: nullType, upgrade: nullType }),
    module_hash: blob,
  }),
  load_snapshot: record({
    from_canister_id: opt(principal),
    snapshot_id: blob,
    canister_version: nat64,
    taken_at_timestamp: nat64,
    source: snapshotSource,
  }),
  controllers_change: record({ controllers: vec(principal) }),
  rename_canister: record({
    canister_id: principal,
    total_num_changes: nat64,
    rename_to: record({ canister_id: principal, version: nat64, total_num_changes: nat64 }),
    requested_by: principal,
  }),
});

export const change = record({
  timestamp_nanos: nat64,
  canister_version: nat64,
  origin: variant({
    from_user: record({ user_id: principal }),
    from_canister: record({ canister_id: principal, canister_version: opt(nat64) }),
  }),
  details: changeDetails,
});
export type ChangeValue = Infer<typeof change>;

export const canisterInfoArgs = record({ canister_id: principal, num_requested_changes: opt(nat64) });
export const canisterInfoResult = record({
  total_num_changes: nat64,
  recent_changes: vec(change),
  module_hash: opt(blob),
  controllers: vec(principal),
});

export const canisterMetadataArgs = record({ canister_id: principal, name: text });
export const canisterMetadataResult = record({ value: blob });

export const canisterMetricsResult = record({
  cycles_consumed: record({
    memory: nat,
    compute_allocation: nat,
    ingress_induction: nat,
    instructions: nat,
    request_and_response_transmission: nat,
    uninstall: nat,
    canister_creation: nat,
    http_outcalls: nat,
    burned_cycles: nat,
  }),
});

const range = record({ start: nat64, end: nat64 });
export const fetchCanisterLogsArgs = record({
  canister_id: principal,
  filter: opt(variant({ by_idx: range, by_timestamp_nanos: range })),
});
export const fetchCanisterLogsResult = record({
  canister_log_records: vec(record({ idx: nat64, timestamp_nanos: nat64, content: blob })),
});

// --- the subnet -----------------------------------------------------------------------------------------------------

export const subnetIdRecord = record({ subnet_id: principal });
export const subnetInfoResult = record({ replica_version: text, registry_version: nat64 });
export const subnetMetricsResult = record({
  block_height: nat,
  num_canisters: nat,
  canister_state_bytes: nat,
  consumed_cycles_total: nat,
  update_transactions_total: nat,
});
export const nodeMetricsHistoryArgs = record({ subnet_id: principal, start_at_timestamp_nanos: nat64 });
export const nodeMetricsHistoryResult = vec(
  record({
    timestamp_nanos: nat64,
    node_metrics: vec(
      record({ node_id: principal, num_blocks_proposed_total: nat64, num_block_failures_total: nat64 }),
    ),
  }),
);
export const listCanistersResult = record({ canisters: vec(record({ start: principal, end: principal })) });
