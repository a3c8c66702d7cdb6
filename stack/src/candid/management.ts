// The interface of the management canister, which carries none itself: what a person can call of it from outside. Fields of replies
// that are not named here are left out by Candid's own rules.

export const managementCandid = `
type canister = record { canister_id : principal };
type settings = record {
  controllers : opt vec principal;
  compute_allocation : opt nat;
  memory_allocation : opt nat;
  freezing_threshold : opt nat;
  reserved_cycles_limit : opt nat;
  wasm_memory_limit : opt nat;
  wasm_memory_threshold : opt nat;
};
type settings_in_force = record {
  controllers : vec principal;
  compute_allocation : nat;
  memory_allocation : nat;
  freezing_threshold : nat;
  reserved_cycles_limit : nat;
  wasm_memory_limit : nat;
};
type upgrade_flags = record {
  skip_pre_upgrade : opt bool;
  wasm_memory_persistence : opt variant { keep; replace };
};
service : {
  provisional_create_canister_with_cycles :
    (record { amount : opt nat; settings : opt settings; specified_id : opt principal }) -> (canister);
  provisional_top_up_canister : (record { canister_id : principal; amount : nat }) -> ();
  install_code : (record {
    mode : variant { install; reinstall; upgrade : opt upgrade_flags };
    canister_id : principal;
    wasm_module : blob;
    arg : blob;
  }) -> ();
  uninstall_code : (canister) -> ();
  start_canister : (canister) -> ();
  stop_canister : (canister) -> ();
  delete_canister : (canister) -> ();
  update_settings : (record { canister_id : principal; settings : settings }) -> ();
  canister_status : (canister) -> (record {
    status : variant { running; stopping; stopped };
    settings : settings_in_force;
    module_hash : opt blob;
    memory_size : nat;
    cycles : nat;
    reserved_cycles : nat;
    idle_cycles_burned_per_day : nat;
  });
  fetch_canister_logs : (canister) -> (record {
    canister_log_records : vec record { idx : nat64; timestamp_nanos : nat64; content : blob };
  }) query;
}
`;
