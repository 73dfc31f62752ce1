import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Logger } from '../log.ts';
import type { Controller } from '../config/agent-config.ts';

/**
 * Sends datagrams to the controllers, one controller after the other (Octavia: health_daemon/health_sender.py). What
 * cannot be sent is lost: the next one comes soon.
 */
export class HeartbeatSender {
  readonly #log: Logger;
  readonly #sockets = new Map<4 | 6, Socket>();
  #turn = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  async send(datagram: Buffer, controllers: readonly Controller[]): Promise<void> {
    const controller = controllers[this.#turn % Math.max(controllers.length, 1)];
    this.#turn += 1;
    if (controller === undefined) return;
    try {
      const { address, family } = await lookup(controller.host);
      await this.#sendTo(family === 6 ? 6 : 4, address, controller.port, datagram);
    } catch (error) {
      this.#log.debug({ err: error, controller }, 'heartbeat not sent');
    }
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  async #sendTo(family: 4 | 6, address: string, port: number, datagram: Buffer): Promise<void> {
    const socket = this.#sockets.get(family) ?? this.#open(family);
    await new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, address, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  #open(family: 4 | 6): Socket {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.on('error', (error) => this.#log.debug({ err: error }, 'heartbeat socket'));
    socket.unref();
    this.#sockets.set(family, socket);
    return socket;
  }
}
