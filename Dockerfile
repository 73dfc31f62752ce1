# One image for every process of Weir: `docker run weir api`, `… worker`, `… health`, `… host` (privileged).
# BASE may be any Debian 12 or newer; where it brings no Node.js of at least 20.19, NODE_VERSION is taken from nodejs.org.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS node
ARG NODE_VERSION=20.20.2
RUN if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then \
      set -eu; \
      apt-get update -qq; \
      apt-get install -y -qq --no-install-recommends ca-certificates curl xz-utils; \
      arch=$(dpkg --print-architecture | sed s/amd64/x64/); \
      file=node-v${NODE_VERSION}-linux-${arch}.tar.xz; \
      cd /tmp; \
      curl -fsSLO "https://nodejs.org/dist/v${NODE_VERSION}/${file}"; \
      curl -fsSL "https://nodejs.org/dist/v${NODE_VERSION}/SHASUMS256.txt" | grep " ${file}\$" | sha256sum -c -; \
      tar -xJf "${file}" -C /usr/local --strip-components=1 --no-same-owner; \
      rm -rf "${file}" /var/lib/apt/lists/*; \
    fi

FROM node AS build
WORKDIR /opt/weir
COPY package.json package-lock.json ./
RUN npm install --no-save --no-audit --no-fund --loglevel=error
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund --loglevel=error

FROM node AS runtime
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends \
      ca-certificates haproxy keepalived nftables iproute2 iputils-arping util-linux procps \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/weir --create-home weir
COPY --from=build /opt/weir/package.json /opt/weir/package.json
COPY --from=build /opt/weir/node_modules /opt/weir/node_modules
COPY --from=build /opt/weir/dist /opt/weir/dist
ENV NODE_ENV=production WEIR_STATE_DIR=/var/lib/weir WEIR_API_HOST=0.0.0.0
VOLUME /var/lib/weir
EXPOSE 9876 5555/udp
# `weir host` needs root; the others run as this user.
USER weir
ENTRYPOINT ["node", "/opt/weir/dist/cli/main.js"]
CMD ["--help"]
