import { eventually } from './eventually.ts';
import { RawClient } from './raw-client.ts';

/** Resolves when a port takes no connection any more. */
export async function portCloses(port: number): Promise<void> {
  await eventually(async () => {
    try {
      (await RawClient.connect(port)).destroy();
      return false;
    } catch {
      return true;
    }
  }, 'the port is closed');
}
