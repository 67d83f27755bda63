{
  "variables": {
    "kernel_flags": ["-std=c++17", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-Wall", "-Wextra", "-Wno-maybe-uninitialized"]
  },
  "target_defaults": {
    "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["<@(kernel_flags)"],
    "cflags": ["-fvisibility=hidden"],
    "configurations": { "Release": { "defines": ["NDEBUG"] } },
    "xcode_settings": {
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES"
    },
    "conditions": [["target_arch=='x64'", { "defines": ["TAILREC_X86"] }]]
  },
  "targets": [
    {
      "target_name": "kernels_baseline",
      "type": "static_library",
      "sources": ["native/kernels.cc"],
      "defines": ["TAILREC_TABLE=kBaselineKernels"],
      "conditions": [
        ["target_arch=='arm64'", { "defines": ["TAILREC_NAME=\"neon\""] }, { "defines": ["TAILREC_NAME=\"baseline\""] }],
        ["target_arch=='x64'", { "cflags_cc": ["-msse4.2", "-mpopcnt"], "xcode_settings": { "OTHER_CFLAGS": ["-msse4.2", "-mpopcnt"] } }]
      ]
    },
    {
      "target_name": "tailrec_kernel",
      "sources": [
        "native/binding.cc", "native/environment.cc", "native/instruction-sets.cc", "native/job-queue.cc", "native/job.cc",
        "native/ranked-list.cc", "native/thread-pool.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS_ALL", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED", "TAILREC_SOURCES=\"<!(node native/sources-digest.cjs)\""
      ],
      "dependencies": ["kernels_baseline"],
      "conditions": [["target_arch=='x64'", { "dependencies": ["kernels_avx2", "kernels_avx512", "kernels_avx512vnni"] }]]
    }
  ],
  "conditions": [
    [
      "target_arch=='x64'",
      {
        "targets": [
          {
            "target_name": "kernels_avx2",
            "type": "static_library",
            "sources": ["native/kernels.cc"],
            "defines": ["TAILREC_TABLE=kAvx2Kernels", "TAILREC_NAME=\"avx2\""],
            "cflags_cc": ["-mavx2", "-mfma", "-mf16c"],
            "xcode_settings": { "OTHER_CFLAGS": ["-mavx2", "-mfma", "-mf16c"] }
          },
          {
            "target_name": "kernels_avx512",
            "type": "static_library",
            "sources": ["native/kernels.cc"],
            "defines": ["TAILREC_TABLE=kAvx512Kernels", "TAILREC_NAME=\"avx512\""],
            "cflags_cc": ["-mavx2", "-mfma", "-mf16c", "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"],
            "xcode_settings": { "OTHER_CFLAGS": ["-mavx2", "-mfma", "-mf16c", "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"] }
          },
          {
            "target_name": "kernels_avx512vnni",
            "type": "static_library",
            "sources": ["native/kernels.cc"],
            "defines": ["TAILREC_TABLE=kAvx512VnniKernels", "TAILREC_NAME=\"avx512vnni\""],
            "cflags_cc": ["-mavx2", "-mfma", "-mf16c", "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512vnni"],
            "xcode_settings": { "OTHER_CFLAGS": ["-mavx2", "-mfma", "-mf16c", "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512vnni"] }
          }
        ]
      }
    ]
  ]
}
