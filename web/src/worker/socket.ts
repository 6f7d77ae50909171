export interface SocketListener {
  socketOpened(attempt: number): void;
  bytesArrived(attempt: number, message: Uint8Array): void;
  socketClosed(attempt: number, code: number): void;
}

const address = () => `${location.origin.replace(/^http/, "ws")}/ws`;

/** The connection of the latest attempt. Whatever an earlier one still says carries its number, so the core knows. */
export class Socket {
  private attempt = 0;
  private socket: WebSocket | null = null;

  constructor(private readonly listener: SocketListener) {}

  open(attempt: number): void {
    this.socket?.close();
    const socket = new WebSocket(address(), "parley.v1");
    this.attempt = attempt;
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.listener.socketOpened(attempt);
    socket.onclose = ({ code }) => this.listener.socketClosed(attempt, code);
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data !== "string") this.listener.bytesArrived(attempt, new Uint8Array(data));
    };
  }

  send(attempt: number, message: Uint8Array): void {
    if (attempt === this.attempt && this.socket?.readyState === WebSocket.OPEN)
      this.socket.send(message as BufferSource);
  }

  close(attempt: number, code: number): void {
    if (attempt !== this.attempt) return;
    // Scripts may name 1000 and their own range only.
    if (code === 1000 || (code >= 3000 && code <= 4999)) this.socket?.close(code);
    else this.socket?.close();
  }

  closeNow(): void {
    this.socket?.close(1000);
  }
}
