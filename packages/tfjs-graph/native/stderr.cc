// Points the process's stderr to a file while a library loads that writes to it, and back. A descriptor belongs to the
// process, and Node has no dup2.
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static int saved = -1;

// redirect(path: string): boolean
static napi_value Redirect(napi_env env, napi_callback_info info) {
  napi_value argument, moved;
  size_t count = 1, length = 0;
  char path[4096];
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  bool known = saved < 0 && napi_get_value_string_utf8(env, argument, path, sizeof path, &length) == napi_ok;
  int file = known ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (file >= 0) {
    saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved >= 0) dup2(file, STDERR_FILENO);
    close(file);
  }
  napi_get_boolean(env, file >= 0 && saved >= 0, &moved);
  return moved;
}

// restore(): void
static napi_value Restore(napi_env, napi_callback_info) {
  if (saved >= 0) {
    dup2(saved, STDERR_FILENO);
    close(saved);
  }
  saved = -1;
  return nullptr;
}

NAPI_MODULE_INIT() {
  napi_value redirect, restore;
  napi_create_function(env, "redirect", NAPI_AUTO_LENGTH, Redirect, nullptr, &redirect);
  napi_set_named_property(env, exports, "redirect", redirect);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &restore);
  napi_set_named_property(env, exports, "restore", restore);
  return exports;
}
