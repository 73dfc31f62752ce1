import { spanned, type SpanAttributes, type Tracing } from './contract.ts';

type DriverKind = 'amphora' | 'certificates' | 'compute' | 'network';

/**
 * The same driver, whose methods all return promises, with a span for each of its calls that is made within another span: `amphora.applyListeners`. Of the
 * arguments only an id is shown: others hold keys and configurations.
 */
export function tracedDriver<T extends object>(tracing: Tracing | undefined, kind: DriverKind, driver: T): T {
  if (tracing === undefined) return driver;
  return new Proxy(driver, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function' || typeof name !== 'string') return method;
      return (...args: readonly unknown[]): unknown => {
        const call = (): unknown => Reflect.apply(method, target, args);
        if (!tracing.active) return call();
        const attributes = subjectOf(args[0]);
        return spanned(tracing, { name: `${kind}.${name}`, kind: 'client', attributes }, async () => call());
      };
    },
  });
}

const uuid = /^(?:[a-z]+-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a call is about: the id that is its first argument, or that its first argument bears. */
function subjectOf(first: unknown): SpanAttributes {
  const bearer = (typeof first === 'object' && first !== null ? first : {}) as Readonly<Record<string, unknown>>;
  const candidates = [first, bearer['id'], bearer['amphoraId'], bearer['loadBalancerId']];
  const id = candidates.find((value): value is string => typeof value === 'string' && uuid.test(value));
  return id === undefined ? {} : { 'weir.subject': id };
}
