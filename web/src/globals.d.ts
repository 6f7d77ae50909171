/// <reference types="vite/client" />

interface TrustedPolicy {
  createScriptURL(url: string): unknown;
}

interface Window {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): TrustedPolicy;
  };
}
