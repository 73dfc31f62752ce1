/** Runs all the work, `atOnce` pieces at a time, and returns the results in order. */
export async function sideBySide<T>(work: readonly (() => Promise<T>)[], atOnce: number): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < work.length; at = next++) {
      const piece = work[at];
      if (piece !== undefined) results[at] = await piece();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
