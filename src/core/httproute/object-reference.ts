import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { maybe } from './maybe.ts';
import { objectName } from './object-name.ts';

const isGroup = mustBe('TN2007', 'the group of an API such as example.com');
const isKind = mustBe('TN2007', 'the kind of an object such as Service');
const isPort = mustBe('TN2010', 'a whole number from 1 to 65535');
export const portNumber = z
  .number({ error: isPort })
  .int({ error: isPort })
  .min(1, { error: isPort })
  .max(65_535, { error: isPort });

/** The fields by which a backend is named. */
export const objectReference = {
  group: maybe(z.string({ error: isGroup }).regex(/^[a-z0-9.-]{0,253}$/, { error: isGroup })),
  kind: maybe(z.string({ error: isKind }).regex(/^[a-zA-Z][a-zA-Z0-9-]{0,62}$/, { error: isKind })),
  name: objectName,
  namespace: maybe(objectName),
  port: maybe(portNumber),
};

export interface ObjectReference {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly port?: number | undefined;
}
