// Identity, status, variables, time, certified data, counters: the small facts.
import { textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { principalToBytes } from '../codec/principal.ts';
import { calleeId, createExecutionDouble, userId } from './execution-double.ts';

describe('facts about the canister', () => {
  it('are its status, version and the size of its subnet [api.self]', () => {
    const double = createExecutionDouble({ environment: { status: 2, canisterVersion: 1n << 40n } });
    expect(double.call('canister_status')).toBe(2);
    expect(double.call('canister_version')).toBe(1n << 40n);
    expect(double.call('subnet_self_node_count')).toBe(13);
  });

  it('tell controllers from others, and refuse what is no principal [api.is-controller]', () => {
    const double = createExecutionDouble();
    double.heap.set(principalToBytes(userId), 0);
    double.heap.set(principalToBytes(calleeId), 100);
    expect(double.call('is_controller', 0, 29)).toBe(1);
    expect(double.call('is_controller', 100, 10)).toBe(0);
    expect(double.charged.total).toBe(39);
    expect(() => double.call('is_controller', 0, 30)).toThrow('Canister provided invalid principal id');
    expect(() => double.call('is_controller', 65_530, 10)).toThrow('exceeds the slice size');
  });

  it('tell replicated executions from others [api.replicated]', () => {
    expect(createExecutionDouble({ entryPoint: 'RQ' }).call('in_replicated_execution')).toBe(1);
    expect(createExecutionDouble({ entryPoint: 'NRQ' }).call('in_replicated_execution')).toBe(0);
  });
});

describe('environment variables', () => {
  const environmentVariables = [
    { name: 'A', value: 'eins' },
    { name: 'größe', value: '' },
  ];
  const create = () => createExecutionDouble({ environment: { environmentVariables } });
  const name = (double: ReturnType<typeof create>, text: string): [number, number] => {
    double.heap.set(textToBytes(text), 1_000);
    return [1_000, textToBytes(text).length];
  };

  it('are counted and named in order [api.env-var]', () => {
    const double = create();
    expect(double.call('env_var_count')).toBe(2);
    expect(double.call('env_var_name_size', 1)).toBe(7);
    double.call('env_var_name_copy', 1, 0, 0, 7);
    expect(double.heap.subarray(0, 7)).toEqual(textToBytes('größe'));
    expect(() => double.call('env_var_name_size', 2)).toThrow(
      'index 2 is out of bounds. The number of environment variables is 2.',
    );
    expect(() => double.call('env_var_name_copy', 0, 0, 1, 1)).toThrow('exceeds the slice size=1');
  });

  it('are found by name [api.env-var]', () => {
    const double = create();
    expect(double.call('env_var_name_exists', ...name(double, 'A'))).toBe(1);
    expect(double.call('env_var_name_exists', ...name(double, 'B'))).toBe(0);
    expect(double.call('env_var_value_size', ...name(double, 'A'))).toBe(4);
    expect(double.call('env_var_value_size', ...name(double, 'größe'))).toBe(0);
    double.call('env_var_value_copy', ...name(double, 'A'), 0, 1, 3);
    expect(double.heap.subarray(0, 3)).toEqual(textToBytes('ins'));
  });

  it('are refused under unknown, overlong or unreadable names [api.env-var]', () => {
    const double = create();
    expect(() => double.call('env_var_value_size', ...name(double, 'B'))).toThrow('Environment variable B not found.');
    expect(() => double.call('env_var_name_exists', 0, 129)).toThrow(
      'ic0.env_var_name_exists: Variable name is too large',
    );
    double.heap[0] = 0xff;
    expect(() => double.call('env_var_value_copy', 0, 1, 0, 0, 0)).toThrow('Variable name is not a valid UTF-8 string');
    expect(() => double.call('env_var_value_size', 65_536, 1)).toThrow('exceeds the slice size');
  });
});

describe('time', () => {
  it('does not move within an execution [api.time]', () => {
    const double = createExecutionDouble({ input: { timeNs: 123n } });
    expect([double.call('time'), double.call('time')]).toEqual([123n, 123n]);
  });

  it('of the global timer is replaced and handed back; 0 turns it off [api.global-timer]', () => {
    const double = createExecutionDouble();
    expect(double.call('global_timer_set', 5n)).toBe(0n);
    // A time beyond 2^63 comes over the boundary as a negative number.
    expect(double.call('global_timer_set', -1n)).toBe(5n);
    expect(double.effects.globalTimerNs).toBe((1n << 64n) - 1n);
    expect(double.call('global_timer_set', 0n)).toBe((1n << 64n) - 1n);
    expect(double.effects.globalTimerNs).toBe(0n);
  });

  it('in instructions counts this execution, or the whole call context [api.performance-counter]', () => {
    const double = createExecutionDouble({ input: { callContextInstructions: 1_000n } });
    double.execution.charge(50);
    expect(double.call('performance_counter', 0)).toBe(50n);
    expect(double.call('performance_counter', 1)).toBe(1_050n);
    expect(() => double.call('performance_counter', 2)).toThrow('Error getting performance counter type 2');
  });
});

describe('certified data', () => {
  it('is at most 32 bytes, set any number of times [api.certified-data]', () => {
    const double = createExecutionDouble();
    double.heap.fill(5, 0, 40);
    double.call('certified_data_set', 0, 32);
    expect(double.effects.certifiedData).toEqual(new Uint8Array(32).fill(5));
    double.call('certified_data_set', 0, 0);
    expect(double.effects.certifiedData).toEqual(new Uint8Array(0));
    expect(() => double.call('certified_data_set', 0, 33)).toThrow(
      'ic0_certified_data_set failed because the passed data must be no larger than 32 bytes. Found 33 bytes',
    );
    expect(() => double.call('certified_data_set', 65_530, 20)).toThrow('exceeds the slice size');
  });

  it('is a copy: what the heap becomes afterwards does not matter [api.certified-data]', () => {
    const double = createExecutionDouble();
    double.call('certified_data_set', 0, 3);
    double.heap.fill(9);
    expect(double.effects.certifiedData).toEqual(new Uint8Array(3));
  });

  it('has a certificate only in queries that can show one [api.data-certificate]', () => {
    const input = { dataCertificate: () => new Uint8Array(3) };
    expect(createExecutionDouble({ entryPoint: 'CQ', input }).call('data_certificate_present')).toBe(1);
    expect(createExecutionDouble({ entryPoint: 'NRQ' }).call('data_certificate_present')).toBe(0);
    for (const entryPoint of ['U', 'RQ', 'TQ', 'CRy'] as const) {
      expect(createExecutionDouble({ entryPoint, input }).call('data_certificate_present')).toBe(0);
    }
    const without = createExecutionDouble({ entryPoint: 'NRQ' });
    expect(() => without.call('data_certificate_size')).toThrow('"ic0_data_certificate_size" cannot be executed');
    expect(() => without.call('data_certificate_copy', 0, 0, 0)).toThrow(
      '"ic0_data_certificate_copy" cannot be executed',
    );
  });
});
