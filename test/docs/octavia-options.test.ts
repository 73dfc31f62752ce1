import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { retrySettingTable } from '../../config/retry-settings.ts';

/** The options of Octavia's flows that say how long and how often, and what runs them (Octavia: common/config.py), with their defaults. */
const options: Readonly<Record<string, Readonly<Record<string, string | number | boolean | null>>>> = {
  controller_worker: {
    amp_active_retries: 30,
    amp_active_wait_sec: 10,
    db_commit_retry_attempts: 2000,
    db_commit_retry_initial_delay: 1,
    db_commit_retry_backoff: 1,
    db_commit_retry_max: 5,
    amphora_delete_retries: 5,
    amphora_delete_retry_interval: 5,
  },
  haproxy_amphora: {
    connection_max_retries: 120,
    connection_retry_interval: 5,
    active_connection_max_retries: 15,
    active_connection_retry_interval: 2,
    failover_connection_max_retries: 2,
    failover_connection_retry_interval: 5,
    build_rate_limit: -1,
    build_active_retries: 120,
    build_retry_interval: 5,
    api_db_commit_retry_attempts: 15,
    api_db_commit_retry_initial_delay: 1,
    api_db_commit_retry_backoff: 1,
    api_db_commit_retry_max: 5,
    rest_request_conn_timeout: 10,
    rest_request_read_timeout: 60,
  },
  compute: { max_retries: 15, retry_interval: 1, retry_backoff: 1, retry_max: 10 },
  networking: { max_retries: 15, retry_interval: 1, retry_backoff: 1, retry_max: 10, port_detach_timeout: 300 },
  task_flow: {
    engine: 'parallel',
    max_workers: 5,
    disable_revert: false,
    persistence_connection: 'sqlite://',
    jobboard_enabled: false,
    jobboard_backend_driver: 'redis_taskflow_driver',
    jobboard_backend_hosts: '127.0.0.1',
    jobboard_backend_port: 6379,
    jobboard_backend_username: null,
    jobboard_backend_password: null,
    jobboard_backend_namespace: 'octavia_jobboard',
    jobboard_expiration_time: 30,
    jobboard_save_logbook: false,
  },
};

const all = Object.entries(options).flatMap(([section, names]) =>
  Object.entries(names).map(([name, fallback]) => ({ section, name, fallback })),
);

const settingOf = (section: string, name: string) =>
  Object.values(retrySettingTable).find(({ meaning }) => meaning.includes(`([${section}] ${name})`));

async function refused(): Promise<string> {
  const page = await readFile(fileURLToPath(new URL('../../docs/differences.md', import.meta.url)), 'utf8');
  const [, section = ''] = page.split('\n## Settings that Weir does not have\n');
  return section.split('\n## ')[0] ?? '';
}

describe("every option of Octavia's flows", () => {
  it.each(all)('[$section] $name is a setting, or docs/differences.md says why not', async ({ section, name }) => {
    const why = (await refused()).includes(`\`[${section}] ${name}\``);
    expect([settingOf(section, name) !== undefined, why].filter(Boolean)).toHaveLength(1);
  });

  it.each(all.filter(({ section, name }) => settingOf(section, name) !== undefined))(
    "[$section] $name has Octavia's default, $fallback",
    ({ section, name, fallback }) => {
      expect(settingOf(section, name)?.default).toBe(fallback);
    },
  );
});
