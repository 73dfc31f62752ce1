/** Ids differ in every run; the names that stand for them do not. */
export class Names {
  readonly #names: Map<string, string>;
  #things = 0;

  constructor(known: Readonly<Record<string, string>>) {
    this.#names = new Map(Object.entries(known));
  }

  /** Gives an id its name; the first one stays. */
  call(id: string, name: string): void {
    if (!this.#names.has(id)) this.#names.set(id, name);
  }

  /** A step with its arguments, the same in every run: `bootAmphora(new master)`. */
  step(activity: string, args: readonly unknown[]): string {
    const [id, , role] = args;
    if (activity === 'registerAmphora' && typeof id === 'string') this.call(id, `new ${String(role).toLowerCase()}`);
    return `${activity}(${args.map((arg) => this.#spoken(arg)).join(', ')})`;
  }

  #spoken(value: unknown): string {
    if (Array.isArray(value)) return value.every((one) => typeof one === 'object') ? '[…]' : `[${this.#list(value)}]`;
    if (typeof value === 'string') return this.#nameOf(value);
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '{…}';
  }

  #list(values: readonly unknown[]): string {
    return values.map((value) => this.#spoken(value)).join(', ');
  }

  #nameOf(text: string): string {
    if (!uuid.test(text)) return text;
    const name = this.#names.get(text) ?? `thing ${(this.#things += 1)}`;
    this.#names.set(text, name);
    return name;
  }
}

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
