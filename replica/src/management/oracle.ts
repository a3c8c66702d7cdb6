// Test oracle: ic.did of the specification transcribed for @dfinity/candid, an implementation independent of ours.
import { IDL } from '@dfinity/candid';

const { Bool, Nat, Nat64, Null, Opt, Principal, Record, Reserved, Text, Variant, Vec } = IDL;
const blob = Vec(IDL.Nat8);

const visibility = Variant({ controllers: Null, public: Null, allowed_viewers: Vec(Principal) });
const environmentVariables = Vec(Record({ name: Text, value: Text }));

const canisterSettings = Record({
  controllers: Opt(Vec(Principal)),
  compute_allocation: Opt(Nat),
  memory_allocation: Opt(Nat),
  freezing_threshold: Opt(Nat),
  reserved_cycles_limit: Opt(Nat),
  minimum_incoming_canister_call_cycles: Opt(Nat),
  log_visibility: Opt(visibility),
  log_memory_limit: Opt(Nat),
  snapshot_visibility: Opt(visibility),
  status_visibility: Opt(visibility),
  wasm_memory_limit: Opt(Nat),
  wasm_memory_threshold: Opt(Nat),
  environment_variables: Opt(environmentVariables),
});

const definiteCanisterSettings = Record({
  controllers: Vec(Principal),
  compute_allocation: Nat,
  memory_allocation: Nat,
  freezing_threshold: Nat,
  reserved_cycles_limit: Nat,
  minimum_incoming_canister_call_cycles: Nat,
  log_visibility: visibility,
  log_memory_limit: Nat,
  snapshot_visibility: visibility,
  status_visibility: visibility,
  wasm_memory_limit: Nat,
  wasm_memory_threshold: Nat,
  environment_variables: environmentVariables,
});

const onCanister = Record({ canister_id: Principal });
const chunkHash = Record({ hash: blob });

const installMode = Variant({
  install: Null,
  reinstall: Null,
  upgrade: Opt(
    Record({
      skip_pre_upgrade: Opt(Bool),
      wasm_memory_persistence: Opt(Variant({ keep: Null, replace: Null })),
    }),
  ),
});

const change = Record({
  timestamp_nanos: Nat64,
  canister_version: Nat64,
  origin: Variant({
    from_user: Record({ user_id: Principal }),
    from_canister: Record({ canister_id: Principal, canister_version: Opt(Nat64) }),
  }),
  details: Variant({
    creation: Record({ controllers: Vec(Principal), environment_variables_hash: Opt(blob) }),
    code_uninstall: Null,
    code_deployment: Record({
      mode: Variant({ install: Null, reinstall: Null, upgrade: Null }),
      module_hash: blob,
    }),
    load_snapshot: Record({
      from_canister_id: Opt(Principal),
      snapshot_id: blob,
      canister_version: Nat64,
      taken_at_timestamp: Nat64,
      source: Variant({ taken_from_canister: Reserved, metadata_upload: Reserved }),
    }),
    controllers_change: Record({ controllers: Vec(Principal) }),
    rename_canister: Record({
      canister_id: Principal,
      total_num_changes: Nat64,
      rename_to: Record({ canister_id: Principal, version: Nat64, total_num_changes: Nat64 }),
      requested_by: Principal,
    }),
  }),
});

const status = Record({
  status: Variant({ running: Null, stopping: Null, stopped: Null }),
  ready_for_migration: Bool,
  version: Nat64,
  settings: definiteCanisterSettings,
  module_hash: Opt(blob),
  memory_size: Nat,
  memory_metrics: Record({
    wasm_memory_size: Nat,
    stable_memory_size: Nat,
    global_memory_size: Nat,
    wasm_binary_size: Nat,
    custom_sections_size: Nat,
    canister_history_size: Nat,
    wasm_chunk_store_size: Nat,
    snapshots_size: Nat,
    log_memory_store_size: Nat,
  }),
  cycles: Nat,
  reserved_cycles: Nat,
  idle_cycles_burned_per_day: Nat,
  query_stats: Record({
    num_calls_total: Nat,
    num_instructions_total: Nat,
    request_payload_bytes_total: Nat,
    response_payload_bytes_total: Nat,
  }),
});

const cyclesConsumed = Record({
  memory: Nat,
  compute_allocation: Nat,
  ingress_induction: Nat,
  instructions: Nat,
  request_and_response_transmission: Nat,
  uninstall: Nat,
  canister_creation: Nat,
  http_outcalls: Nat,
  burned_cycles: Nat,
});

const range = Record({ start: Nat64, end: Nat64 });
const logRecord = Record({ idx: Nat64, timestamp_nanos: Nat64, content: blob });
const nodeMetrics = Record({
  node_id: Principal,
  num_blocks_proposed_total: Nat64,
  num_block_failures_total: Nat64,
});

/** Argument and result types of each method that is offered. */
export const icDid = {
  create_canister: [[Record({ settings: Opt(canisterSettings), sender_canister_version: Opt(Nat64) })], [onCanister]],
  update_settings: [
    [Record({ canister_id: Principal, settings: canisterSettings, sender_canister_version: Opt(Nat64) })],
    [],
  ],
  upload_chunk: [[Record({ canister_id: Principal, chunk: blob })], [chunkHash]],
  clear_chunk_store: [[onCanister], []],
  stored_chunks: [[onCanister], [Vec(chunkHash)]],
  install_code: [
    [
      Record({
        mode: installMode,
        canister_id: Principal,
        wasm_module: blob,
        arg: blob,
        sender_canister_version: Opt(Nat64),
      }),
    ],
    [],
  ],
  install_chunked_code: [
    [
      Record({
        mode: installMode,
        target_canister: Principal,
        store_canister: Opt(Principal),
        chunk_hashes_list: Vec(chunkHash),
        wasm_module_hash: blob,
        arg: blob,
        sender_canister_version: Opt(Nat64),
      }),
    ],
    [],
  ],
  uninstall_code: [[Record({ canister_id: Principal, sender_canister_version: Opt(Nat64) })], []],
  start_canister: [[onCanister], []],
  stop_canister: [[onCanister], []],
  canister_status: [[onCanister], [status]],
  canister_metrics: [[onCanister], [Record({ cycles_consumed: cyclesConsumed })]],
  delete_canister: [[onCanister], []],
  deposit_cycles: [[onCanister], []],
  raw_rand: [[], [blob]],
  canister_info: [
    [Record({ canister_id: Principal, num_requested_changes: Opt(Nat64) })],
    [
      Record({
        total_num_changes: Nat64,
        recent_changes: Vec(change),
        module_hash: Opt(blob),
        controllers: Vec(Principal),
      }),
    ],
  ],
  canister_metadata: [[Record({ canister_id: Principal, name: Text })], [Record({ value: blob })]],
  node_metrics_history: [
    [Record({ subnet_id: Principal, start_at_timestamp_nanos: Nat64 })],
    [Vec(Record({ timestamp_nanos: Nat64, node_metrics: Vec(nodeMetrics) }))],
  ],
  subnet_metrics: [
    [Record({ subnet_id: Principal })],
    [
      Record({
        block_height: Nat,
        num_canisters: Nat,
        canister_state_bytes: Nat,
        consumed_cycles_total: Nat,
        update_transactions_total: Nat,
      }),
    ],
  ],
  subnet_info: [[Record({ subnet_id: Principal })], [Record({ replica_version: Text, registry_version: Nat64 })]],
  provisional_create_canister_with_cycles: [
    [
      Record({
        amount: Opt(Nat),
        settings: Opt(canisterSettings),
        specified_id: Opt(Principal),
        sender_canister_version: Opt(Nat64),
      }),
    ],
    [onCanister],
  ],
  provisional_top_up_canister: [[Record({ canister_id: Principal, amount: Nat })], []],
  fetch_canister_logs: [
    [Record({ canister_id: Principal, filter: Opt(Variant({ by_idx: range, by_timestamp_nanos: range })) })],
    [Record({ canister_log_records: Vec(logRecord) })],
  ],
  list_canisters: [[], [Record({ canisters: Vec(Record({ start: Principal, end: Principal })) })]],
} as const satisfies Record<string, readonly [readonly IDL.Type[], readonly IDL.Type[]]>;

export type IcMethod = keyof typeof icDid;

const queryMethods = ['canister_status', 'canister_metrics', 'canister_info', 'fetch_canister_logs', 'list_canisters'];

/** As an actor of @dfinity/agent wants it; with `queries`, methods that may be queried are. */
export function icService(queries: boolean): IDL.ServiceClass {
  const functions = Object.entries(icDid).map(([name, [args, results]]) => {
    const annotations = queries && queryMethods.includes(name) ? ['query'] : [];
    return [name, IDL.Func([...args], [...results], annotations)];
  });
  return IDL.Service(Object.fromEntries(functions));
}

/** Fields that are optional may be left out of records: they become null. */
export function encodeArgument(method: IcMethod, value: unknown): Uint8Array {
  const [types] = icDid[method];
  return new Uint8Array(IDL.encode([...types], types.length === 0 ? [] : [fill(types[0]!, value)]));
}

/** The decoded result; undefined for an empty one. */
export function decodeResult(method: IcMethod, bytes: Uint8Array): unknown {
  return IDL.decode([...icDid[method][1]], bytes)[0];
}

function fill(type: IDL.Type, value: unknown): unknown {
  if (type instanceof IDL.RecordClass && !(type instanceof IDL.TupleClass)) {
    const source: Record<string, unknown> = { ...(value as object) };
    return Object.fromEntries(type._fields.map(([name, field]) => [name, fill(field, source[name])]));
  }
  if (type instanceof IDL.VariantClass) return fillVariant(type, value);
  if (type instanceof IDL.OptClass) return value === undefined ? [] : toOpt(type, value);
  return value;
}

function fillVariant(type: IDL.VariantClass, value: unknown): unknown {
  const [tag, inner] = Object.entries(value as object)[0]!;
  const field = type._fields.find(([name]) => name === tag);
  return { [tag]: fill(field![1], inner) };
}

/** `[value]` and `[]` are taken as they are; anything else stands for itself. */
function toOpt(type: IDL.OptClass<unknown>, value: unknown): unknown {
  const inner: IDL.Type = Reflect.get(type, '_type');
  const given = Array.isArray(value) && !(inner instanceof IDL.VecClass) ? value : [value];
  return given.map((item) => fill(inner, item));
}
