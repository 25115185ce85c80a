// SPDX-License-Identifier: GPL-2.0-only
// Sends what the program left in /results to the host: in the agent process, once the program has ended, so
// that no read of a disk and no allocation falls into what is measured. Limited; what is left behind is
// named.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "guest.h"

enum {
  CHUNK = 12288,
  MAX_DEPTH = 16,
  MAX_FILES = 4096,
  MAX_NAMED = 32,
  MAX_BYTES = 16 << 20,
  STUCK_MS = 10000,
  HOST_MS = 30000
};

struct copy {
  char* raw;                        // CHUNK bytes of a file
  char* line;                       // that as a message, in base64
  uint64_t files, bytes;            // sent
  uint64_t left_files, left_bytes;  // not sent
};

static void send_line(const char* text, size_t bytes) {
  agent_write(text, bytes);
  __atomic_fetch_add(&ring->results_sent, 1, __ATOMIC_RELAXED);
}

// A name is bytes; what JSON or a terminal does not take as it is becomes \u00XX.
static const char* escape(const char* path, char* out, size_t room) {
  char* at = out;
  for (; *path != '\0' && (size_t)(at - out) + 8 < room; path++) {
    const unsigned char c = (unsigned char)*path;
    if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
      at += sprintf(at, "\\u%04x", c);
    else
      *at++ = (char)c;
  }
  *at = '\0';
  return out;
}

static void leave(struct copy* copy, const char* path, uint64_t bytes, const char* why) {
  char line[1400];
  char name[1200];
  copy->left_bytes += bytes;
  if (copy->left_files++ >= MAX_NAMED) return;
  const int length =
      snprintf(line, sizeof(line), "{\"t\":\"left\",\"path\":\"%s\",\"bytes\":%llu,\"text\":\"%s\"}\n",
               escape(path, name, sizeof(name)), (unsigned long long)bytes, why);
  send_line(line, (size_t)length);
}

static size_t put_base64(const unsigned char* from, size_t bytes, char* to) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char* at = to;
  for (size_t i = 0; i < bytes; i += 3) {
    const size_t n = bytes - i;
    const unsigned v =
        (unsigned)from[i] << 16 | (n > 1 ? (unsigned)from[i + 1] << 8 : 0) | (n > 2 ? from[i + 2] : 0);
    *at++ = digits[v >> 18];
    *at++ = digits[v >> 12 & 63];
    *at++ = n > 1 ? digits[v >> 6 & 63] : '=';
    *at++ = n > 2 ? digits[v & 63] : '=';
  }
  return (size_t)(at - to);
}

static void send_data(struct copy* copy, size_t bytes) {
  static const char begin[] = "{\"t\":\"data\",\"base64\":\"";
  memcpy(copy->line, begin, sizeof(begin) - 1);
  size_t length = sizeof(begin) - 1;
  length += put_base64((const unsigned char*)copy->raw, bytes, copy->line + length);
  memcpy(copy->line + length, "\"}\n", 3);
  send_line(copy->line, length + 3);
}

static void send_file(struct copy* copy, int fd, const char* path, uint64_t bytes) {
  char line[1400];
  char name[1200];
  const int length = snprintf(line, sizeof(line), "{\"t\":\"file\",\"path\":\"%s\",\"bytes\":%llu}\n",
                              escape(path, name, sizeof(name)), (unsigned long long)bytes);
  send_line(line, (size_t)length);
  uint64_t left = bytes;
  while (left > 0) {
    const ssize_t got = read(fd, copy->raw, left < CHUNK ? left : CHUNK);
    if (got <= 0) break;  // shorter than it was, or unreadable: the host compares the sizes
    send_data(copy, (size_t)got);
    left -= (uint64_t)got;
  }
  copy->files++;
  copy->bytes += bytes;
}

static void take_folder(struct copy* copy, int fd, char* path, int depth);

static void take_entry(struct copy* copy, int folder, const char* entry, char* path, int depth) {
  struct stat info;
  if (fstatat(folder, entry, &info, AT_SYMLINK_NOFOLLOW) != 0) return;
  const uint64_t size = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return leave(copy, path, 0, "not a file");
  if (size > MAX_BYTES - copy->bytes || copy->files == MAX_FILES)
    return leave(copy, path, size, "over the limit");
  const int fd = openat(folder, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return leave(copy, path, size, "cannot be read");
  if (S_ISDIR(info.st_mode)) return take_folder(copy, fd, path, depth + 1);  // closes it
  send_file(copy, fd, path, size);
  close(fd);
}

// `path` is the folder's, relative to /results, in a buffer of PATH_ROOM bytes.
enum { PATH_ROOM = 512 };
static void take_folder(struct copy* copy, int fd, char* path, int depth) {
  const size_t length = strlen(path);
  DIR* folder = depth < MAX_DEPTH ? fdopendir(fd) : NULL;
  if (folder == NULL) {
    close(fd);
    return leave(copy, path, 0, "too deep");
  }
  for (struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    const int written =
        snprintf(path + length, PATH_ROOM - length, "%s%s", length > 0 ? "/" : "", entry->d_name);
    if (written >= (int)(PATH_ROOM - length))
      leave(copy, path, 0, "its path is too long");
    else
      take_entry(copy, dirfd(folder), entry->d_name, path, depth);
    path[length] = '\0';
  }
  closedir(folder);
}

static void report(const struct copy* copy) {
  char line[200];
  if (copy->files + copy->left_files == 0) return;
  const int length =
      snprintf(line, sizeof(line),
               "{\"t\":\"results\",\"files\":%llu,\"bytes\":%llu,\"left\":%llu,\"left_bytes\":%llu}\n",
               (unsigned long long)copy->files, (unsigned long long)copy->bytes,
               (unsigned long long)copy->left_files, (unsigned long long)copy->left_bytes);
  send_line(line, (size_t)length);
}

void results_serve(void) {
  if (__atomic_load_n(&ring->results_wanted, __ATOMIC_ACQUIRE) == 0) return;
  char path[PATH_ROOM] = "";
  struct copy copy = {.raw = malloc(CHUNK), .line = malloc(CHUNK / 3 * 4 + 64)};
  const int fd = open(RESULTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && copy.raw != NULL && copy.line != NULL) take_folder(&copy, fd, path, 0);
  report(&copy);
  free(copy.raw);
  free(copy.line);
  __atomic_store_n(&ring->results_wanted, 0, __ATOMIC_RELEASE);
}

// A write to the port returns before the host has read it, and what it has not read is lost with the machine.
static void wait_for_host(void) {
  char line[64];
  const uint64_t until = uptime_ms() + HOST_MS;
  while (port_fd >= 0 && uptime_ms() < until) {
    if (agent_read_line(line, sizeof(line)) && strcmp(line, "copied") == 0) return;
    sleep_ms(TICK_MS);
  }
}

// The agent may block in memory or on the disk: it is waited for while it goes on sending.
static bool wait_for_agent(void) {
  uint32_t seen = 0;
  __atomic_store_n(&ring->results_wanted, 1, __ATOMIC_RELEASE);
  for (unsigned still_ms = 0; still_ms < STUCK_MS; still_ms += TICK_MS / 2) {
    if (__atomic_load_n(&ring->results_wanted, __ATOMIC_ACQUIRE) == 0) return true;
    const uint32_t sent = __atomic_load_n(&ring->results_sent, __ATOMIC_RELAXED);
    if (sent != seen) still_ms = 0;
    seen = sent;
    sleep_ms(TICK_MS / 2);
  }
  return false;
}

void results_at_end(void) {
  if (wait_for_agent() && __atomic_load_n(&ring->results_sent, __ATOMIC_RELAXED) > 0) wait_for_host();
}
