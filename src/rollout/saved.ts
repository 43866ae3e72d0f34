/** How long a write may take until what leads back is done without it. */
const mostMs = 2_000;

/** Writes; returns whether that was done in time. Never rejects. */
export async function saved(
  write: () => Promise<void>,
  troubled: (error: unknown) => void,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      troubled(new Error(`not written after ${mostMs} ms`));
      resolve(false);
    }, mostMs);
  });
  try {
    return await Promise.race([write().then(() => true), late]);
  } catch (error) {
    troubled(error);
    return false;
  } finally {
    clearTimeout(timer);
  }
}
