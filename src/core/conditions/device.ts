import { deviceOf } from './client-hints.ts';
import { oneOf } from './one-of.ts';
import { devices } from './when.ts';

/** The kind of device. docs/reference/conditions.md says what is known not to work. */
export const device = oneOf('device', devices, deviceOf);
