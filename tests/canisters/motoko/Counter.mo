// State in stable and in ordinary variables, timers, calls with await and async*, composite queries, cycles.
import {
  cyclesAccept;
  cyclesAdd;
  cyclesAvailable;
  cyclesRefunded;
  error = createError;
  errorMessage;
  setTimer;
} = "mo:⛔";

actor Counter {
  type Other = actor {
    inc : () -> async Nat;
    get : query () -> async Nat;
    fail : (Text) -> async ();
    take : (Nat) -> async Nat;
  };

  stable var count : Nat = 0;
  stable var notes : [(Text, Int)] = [];
  var upgrades : [var Nat] = [var 0];
  var ticks : Nat = 0;

  public func inc() : async Nat { count += 1; count };

  public query func get() : async Nat { count };

  public query func incInQuery() : async Nat { count += 1; count };

  public func note(text : Text, number : Int) : async Nat {
    let before = notes;
    notes := if (before.size() == 0) { [(text, number)] } else { [before[before.size() - 1], (text, number)] };
    notes.size();
  };

  public query func noted() : async [(Text, Int)] { notes };

  /** Ordinary variables do not survive an upgrade. */
  public query func volatile() : async Nat { upgrades[0] + ticks };

  public func tickAfter(delayNs : Nat64) : async () {
    ignore setTimer<system>(delayNs, false, func() : async () { ticks += 1; ignore await inc() });
  };

  public func fail(text : Text) : async () {
    count += 1_000;
    if (text == "") { assert false };
    throw createError(text);
  };

  func step() : async* Nat { count += 10; await inc() };

  public func incTwice() : async Nat {
    let first = await* step();
    let second = await* step();
    first + second;
  };

  public func failAfterAwait() : async () {
    count += 1;
    ignore await inc();
    count += 100;
    assert false;
  };

  public func incOther(other : Other) : async Nat {
    count += 1;
    await other.inc();
  };

  public func incBoth(one : Other, two : Other) : async Nat {
    let first = one.inc();
    let second = two.inc();
    (await first) + (await second);
  };

  public func tryOther(other : Other, text : Text) : async Text {
    try { await other.fail(text); "done" } catch (e) { errorMessage(e) };
  };

  public composite query func sum(other : Other) : async Nat { count + (await other.get()) };

  public func take(most : Nat) : async Nat {
    let available = cyclesAvailable();
    cyclesAccept<system>(if (available < most) available else most);
  };

  public func give(other : Other, amount : Nat, most : Nat) : async (Nat, Nat) {
    cyclesAdd<system>(amount);
    let taken = await other.take(most);
    (taken, cyclesRefunded());
  };
};
