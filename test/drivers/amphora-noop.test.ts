import { NoopAmphoraDriver } from '../../drivers/amphora/noop.ts';
import { amphoraConformance } from './amphora-conformance.ts';

amphoraConformance((amphora) =>
  Promise.resolve({ driver: new NoopAmphoraDriver(), amphora, close: () => Promise.resolve() }),
);
