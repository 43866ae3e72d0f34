import * as z from 'zod';
import { documentSchema } from './document-schema.ts';

/** A part of a JSON Schema: what of it is read here. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** Returns the JSON Schema (draft-07) of a rules document, for editors. */
export function jsonSchema(): Record<string, unknown> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Turnout rules document',
    ...z.toJSONSchema(documentSchema, { io: 'input', target: 'draft-7' }),
  };
}

/** Returns the text of config/turnout.schema.json. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
}
