import type { Configuration } from '../options.ts';
import { defaultOlderThanMs, withRepairContext } from '../repair/context.ts';
import { verdict } from '../repair/report.ts';
import { quickSurvey } from '../repair/survey.ts';

const connectLimitMs = 1_000;

/** Says in one line whether something is stuck; null where no control plane answers that could know. Never throws. */
export async function repairLine(configuration: Configuration): Promise<string | null> {
  const look = withRepairContext(configuration, defaultOlderThanMs, quickSurvey, connectLimitMs);
  return look.then(
    (findings) => `repair: ${verdict(findings)}${findings.length === 0 ? '' : '; see weir repair'}`,
    () => null,
  );
}
