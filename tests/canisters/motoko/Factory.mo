// An actor class: this actor creates further canisters from code that it carries inside, and talks to them.
import { cyclesAdd } = "mo:⛔";
import Cell "Cell";

actor Factory {
  var made : [Cell.Cell] = [];

  public func make(value : Nat) : async Cell.Cell {
    cyclesAdd<system>(100_000_000_000_000);
    let cell = await Cell.Cell(value);
    made := [cell];
    cell;
  };

  public func add(number : Nat) : async Nat { await made[0].add(number) };
};
