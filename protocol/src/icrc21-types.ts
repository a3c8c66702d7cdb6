// ICRC-21 in Candid: what a signer asks before it shows a call to a person, and what it shows.
import { IDL } from '@dfinity/candid';

const MetadataType = IDL.Record({ language: IDL.Text, utc_offset_minutes: IDL.Opt(IDL.Int16) });

export const ConsentRequestType = IDL.Record({
  method: IDL.Text,
  arg: IDL.Vec(IDL.Nat8),
  user_preferences: IDL.Record({
    metadata: MetadataType,
    device_spec: IDL.Opt(IDL.Variant({ GenericDisplay: IDL.Null, FieldsDisplay: IDL.Null })),
  }),
});

export interface CandidConsentRequest {
  readonly method: string;
  readonly arg: Uint8Array | number[];
  readonly user_preferences: {
    readonly metadata: { readonly language: string; readonly utc_offset_minutes: [] | [number] };
    readonly device_spec: [] | [{ readonly GenericDisplay: null } | { readonly FieldsDisplay: null }];
  };
}

const FieldValueType = IDL.Variant({
  TokenAmount: IDL.Record({ decimals: IDL.Nat8, amount: IDL.Nat64, symbol: IDL.Text }),
  TimestampSeconds: IDL.Record({ amount: IDL.Nat64 }),
  DurationSeconds: IDL.Record({ amount: IDL.Nat64 }),
  Text: IDL.Record({ content: IDL.Text }),
});

const InfoType = IDL.Record({
  consent_message: IDL.Variant({
    GenericDisplayMessage: IDL.Text,
    FieldsDisplayMessage: IDL.Record({
      intent: IDL.Text,
      fields: IDL.Vec(IDL.Tuple(IDL.Text, FieldValueType)),
    }),
  }),
  metadata: MetadataType,
});

const ErrorInfoType = IDL.Record({ description: IDL.Text });

export const ConsentResponseType = IDL.Variant({
  Ok: InfoType,
  Err: IDL.Variant({
    UnsupportedCanisterCall: ErrorInfoType,
    ConsentMessageUnavailable: ErrorInfoType,
    InsufficientPayment: ErrorInfoType,
    GenericError: IDL.Record({ error_code: IDL.Nat, description: IDL.Text }),
  }),
});

export type ConsentFieldValue =
  | { readonly TokenAmount: { readonly decimals: number; readonly amount: bigint; readonly symbol: string } }
  | { readonly TimestampSeconds: { readonly amount: bigint } }
  | { readonly DurationSeconds: { readonly amount: bigint } }
  | { readonly Text: { readonly content: string } };

export type CandidConsentResponse =
  | {
      readonly Ok: {
        readonly consent_message:
          | { readonly GenericDisplayMessage: string }
          | {
              readonly FieldsDisplayMessage: {
                readonly intent: string;
                readonly fields: readonly (readonly [string, ConsentFieldValue])[];
              };
            };
        readonly metadata: { readonly language: string; readonly utc_offset_minutes: [] | [number] };
      };
    }
  | { readonly Err: { readonly UnsupportedCanisterCall: { readonly description: string } } };
