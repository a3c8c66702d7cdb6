// An actor class with an argument.
actor class Cell(initial : Nat) {
  stable var value = initial;
  public func add(number : Nat) : async Nat { value += number; value };
  public query func get() : async Nat { value };
};
