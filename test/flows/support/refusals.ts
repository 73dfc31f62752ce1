/** Lets methods of drivers fail for as long as a test wants, as a cloud that refuses does. */
export class Refusals {
  readonly #byMethod = new Map<string, Error>();

  /** From now on every call of the method fails with this error and has no effect. */
  refuse(method: string, error: Error): void {
    this.#byMethod.set(method, error);
  }

  allow(method: string): void {
    this.#byMethod.delete(method);
  }

  allowAll(): void {
    this.#byMethod.clear();
  }

  /** The driver, as long as nothing is refused. */
  over<T extends object>(driver: T): T {
    return new Proxy(driver, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]): unknown => {
          const error = this.#byMethod.get(String(name));
          return error === undefined ? Reflect.apply(method, target, args) : Promise.reject(error);
        };
      },
    });
  }
}
