# Plain on purpose: each step can be run by hand in an empty folder.
# docker build -t turnout:0.1.0 .

# dist/, from the sources and with the development tools.
FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json build.ts ./
COPY src src
RUN npm run build

# node_modules, as it runs.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY config config
# So that `kubectl exec deploy/turnout -- turnout explain …` works; nothing needs a shell.
RUN ["ln", "-s", "/app/dist/main.js", "/usr/local/bin/turnout"]
# Nothing is written: the root may be read-only.
USER 65532:65532
EXPOSE 8080 9090
ENTRYPOINT ["turnout"]
CMD ["run"]
