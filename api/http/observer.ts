import type { FastifyInstance } from 'fastify';

/** Watches requests through Fastify's hooks; set up before any route is. */
export type RequestObserver = (app: FastifyInstance) => void;
