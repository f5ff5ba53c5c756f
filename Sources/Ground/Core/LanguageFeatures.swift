// The compiler silently accepts a misspelt upcoming feature. These checks make the build fail instead.
#if !hasFeature(ExistentialAny)
    #error("the upcoming feature ExistentialAny is not enabled")
#endif
#if !hasFeature(InternalImportsByDefault)
    #error("the upcoming feature InternalImportsByDefault is not enabled")
#endif
#if !hasFeature(MemberImportVisibility)
    #error("the upcoming feature MemberImportVisibility is not enabled")
#endif
#if !hasFeature(InferIsolatedConformances)
    #error("the upcoming feature InferIsolatedConformances is not enabled")
#endif
#if !hasFeature(NonisolatedNonsendingByDefault)
    #error("the upcoming feature NonisolatedNonsendingByDefault is not enabled")
#endif
#if !hasFeature(ImmutableWeakCaptures)
    #error("the upcoming feature ImmutableWeakCaptures is not enabled")
#endif
